/// The values that NumPy reads from the arrays among the fixtures.
///
/// `hash` is FNV-1a, as in `TorchGolden`, over all tensors in file order: the bytes of `name:type`,
/// the sizes, and the bit patterns of the elements as float32 in C order.
struct NumPyGolden {
    let path: String
    let tensorCount: Int
    let hash: UInt64

    init(_ path: String, _ tensorCount: Int, _ hash: UInt64) {
        self.path = path
        self.tensorCount = tensorCount
        self.hash = hash
    }

    static let files: [NumPyGolden] = [
        .init("het/het-sigmoid-full/checkpoint.npz", 25, 0x497d77de22c012b1),
        .init("het/het-sigmoid-full/expected.npz", 7, 0x1708c28503ea9023),
        .init("het/het-softmax-efficient/checkpoint.npz", 31, 0x2054b1d72cc221d6),
        .init("het/het-softmax-efficient/expected.npz", 7, 0xec058f2d0eb17661),
        .init("het/hetxl-pytorch-url/expected.npz", 6, 0x950ea410e4b13efe),
        .init("het/hetxl-sigmoid-efficient/checkpoint.npz", 34, 0x7880ae412356fc54),
        .init("het/hetxl-sigmoid-efficient/expected.npz", 7, 0x5f5aba8352348c32),
        .init("het/hetxl-softmax-bfloat16/checkpoint.npz", 34, 0x8e59c16dfbba0195),
        .init("het/hetxl-softmax-bfloat16/expected.npz", 7, 0xcc7b09837fac9259),
        .init("het/hetxl-softmax-diagonal/checkpoint.npz", 19, 0xf804a05efbcfe898),
        .init("het/hetxl-softmax-diagonal/expected.npz", 6, 0xb65e37e48cb0e855),
        .init("het/hetxl-softmax-efficient/checkpoint.npz", 34, 0xf3d74d39a57f309a),
        .init("het/hetxl-softmax-efficient/expected.npz", 7, 0x3c6c5087427773e0),
        .init("het/hetxl-softmax-full/checkpoint.npz", 28, 0x79566f65d1b5f4c7),
        .init("het/hetxl-softmax-full/expected.npz", 7, 0xdf5069f1be7c324f),
        .init("het/hetxl-softmax-independent/checkpoint.npz", 9, 0xe8c64180e9741a01),
        .init("het/hetxl-softmax-independent/expected.npz", 6, 0x3a7447e91573c89a),
        .init("het/hetxl-softmax-wide/checkpoint.npz", 9, 0xfa281cb417461a7f),
        .init("het/hetxl-softmax-wide/expected.npz", 7, 0xb0850131561eeb25),
        .init("mhe/arcface-mhs/expected.npz", 3, 0xbb423bfed37f66aa),
        .init("mhe/mhc-2heads-module/expected.npz", 8, 0xf00cf13f15eddccf),
        .init("mhe/mhc-2heads/expected.npz", 8, 0xe992819e6053cbb9),
        .init("mhe/mhc-3heads/expected.npz", 8, 0x641e6e50d9a3c451),
        .init("mhe/mhc-xmc-padded/expected.npz", 4, 0x7b3fe9c13b534e48),
        .init("mhe/mhc-xmc/expected.npz", 5, 0xdaaad4b13c54bbaf),
        .init("mhe/mhp-2heads-module/expected.npz", 5, 0x3fd37910d99d08be),
        .init("mhe/mhp-3heads/expected.npz", 5, 0x120ffeaaf480b87f),
        .init("mhe/mhp-dataparallel/expected.npz", 5, 0x6a8dd3f3672ec742),
        .init("mhe/mhp-legacy-module/expected.npz", 5, 0x22a554297075e14a),
        .init("mhe/mhp-legacy/expected.npz", 5, 0x484c71c107891660),
        .init("mhe/mhs-bfloat16/expected.npz", 3, 0x2cbc985d749ed702),
        .init("mhe/mhs/expected.npz", 3, 0xacd7ba3229880d13),
        .init("models/digits-hetxl/expected.npz", 4, 0xc6b9f61e659f25c3),
        .init("models/digits-mhc/expected.npz", 3, 0x556def1c7603f993),
        .init("models/digits-mhp/expected.npz", 4, 0x44d4cdcc3f1b00f0),
        .init("models/digits-mhs/expected.npz", 3, 0x7092cb3c13086a80),
    ]
}
