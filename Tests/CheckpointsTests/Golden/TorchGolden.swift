/// The values that PyTorch itself (2.13 and 2.15, `torch.load`) reads from the fixtures, tensor by
/// tensor; of whole modules, their `state_dict()`.
///
/// `hash` is FNV-1a over the bit patterns of the elements as float32 in C order, taken whole:
/// h = (h ^ bits) * 0x100000001b3, beginning with 0xcbf29ce484222325.
struct TorchGolden {
    let name: String
    let elementType: String
    let shape: [Int]
    let hash: UInt64

    init(_ name: String, _ elementType: String, _ shape: [Int], _ hash: UInt64) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.hash = hash
    }

    static let files: [String: [TorchGolden]] = [
        "mhe/arcface-mhs/checkpoint.pth": [
            .init("weight", "float32", [6, 8, 32], 0xa9511b65055ebcf3)
        ],
        "mhe/mhp-dataparallel/checkpoint.pth.tar": [
            .init("conv1.weight", "float32", [64, 3, 3, 3], 0xca3100a263cd573c),
            .init("bn1.weight", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.bias", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_mean", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_var", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.num_batches_tracked", "int64", [], 0xaf63bd4c8601b7df),
            .init("layer1.0.weight", "float32", [2, 64, 1, 1], 0x6f5b7ff5c8a3cacb),
            .init("classifier.weight", "float32", [17, 512], 0x6051c3722ae11a07),
            .init("classifier.bias", "float32", [17], 0x10cb0731f02a42e9),
        ],
        "mhe/mhc-xmc-padded/model.bin": [
            .init("model.pooler.weight", "float32", [4, 4], 0x2ec5b8834e0260b1),
            .init("model.pooler.bias", "float32", [4], 0x1a614ef9931b939b),
            .init("norm.weight", "float32", [60], 0x4a77550d4334ac55),
            .init("norm.bias", "float32", [60], 0xf87b38c6cf34ac55),
            .init("group_classifer.weight", "float32", [15, 60], 0xcca2fc45586ecb7f),
            .init("group_classifer.bias", "float32", [15], 0x245dc6e9b47ef93c),
            .init("sub_classifer.weight", "float32", [20, 60], 0x05f7a5acb716846f),
            .init("sub_classifer.bias", "float32", [20], 0xca1b2b98e26f3500),
            .init("embedding.weight", "float32", [210, 20], 0x98c464b574f0e65f),
        ],
        "mhe/mhc-3heads/checkpoint.pth": [
            .init("conv1.weight", "float32", [64, 3, 3, 3], 0x7cdd7bd4837da4b6),
            .init("bn1.weight", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.bias", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_mean", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_var", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.num_batches_tracked", "int64", [], 0xaf63bd4c8601b7df),
            .init("layer1.0.weight", "float32", [2, 64, 1, 1], 0xcce23c10ad23fa83),
            .init("group.weight", "float32", [4, 512], 0xa925ff34b144956f),
            .init("group.bias", "float32", [4], 0xa324ad320db166f9),
            .init("classifier1.weight", "float32", [256, 512], 0xb32587adc7300fad),
            .init("classifier1.bias", "float32", [256], 0x08393bde2467a895),
            .init("classifier2.weight", "float32", [256, 512], 0x112c7b87c1b297da),
            .init("classifier2.bias", "float32", [256], 0xc16e5c80dc274cf8),
            .init("embed1.weight", "float32", [20, 256], 0xfe5b336de5248d2a),
            .init("embed2.weight", "float32", [100, 256], 0x30de8ef3c1778d2b),
        ],
        "mhe/mhp-3heads/checkpoint.pth": [
            .init("conv1.weight", "float32", [64, 3, 3, 3], 0x2b5d6a251dcda524),
            .init("bn1.weight", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.bias", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_mean", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_var", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.num_batches_tracked", "int64", [], 0xaf63bd4c8601b7df),
            .init("layer1.0.weight", "float32", [2, 64, 1, 1], 0x32ce8e59fdf0c719),
            .init("classifier.weight", "float32", [15, 512], 0x7ae494464538ec98),
            .init("classifier.bias", "float32", [15], 0x1489d68b9c9df2e6),
        ],
        "mhe/mhs-bfloat16/checkpoint.pth": [
            .init("weight", "bfloat16", [4, 9, 512], 0x03b8cd633f25c325),
            .init("conv1.weight", "bfloat16", [64, 3, 3, 3], 0x46d75b1dd5884a25),
            .init("bn1.weight", "bfloat16", [64], 0x52e5e208abfd0825),
            .init("bn1.bias", "bfloat16", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_mean", "bfloat16", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_var", "bfloat16", [64], 0x52e5e208abfd0825),
            .init("bn1.num_batches_tracked", "int64", [], 0xaf63bd4c8601b7df),
            .init("layer1.0.weight", "bfloat16", [2, 64, 1, 1], 0xbda842b5e2a4ed25),
        ],
        "mhe/mhc-xmc/model.bin": [
            .init("bert.pooler.weight", "float32", [4, 4], 0x5d1835cddb5e9c77),
            .init("bert.pooler.bias", "float32", [4], 0xd70d715e3028e3cd),
            .init("l0.weight", "float32", [16, 60], 0x8c896be04b3a7d8d),
            .init("l0.bias", "float32", [16], 0xe68b5044ca97d90f),
            .init("l1.weight", "float32", [24, 60], 0xa34d61b13374573d),
            .init("l1.bias", "float32", [24], 0x792166a55a132215),
            .init("embed.weight", "float32", [211, 24], 0xa990953e60dbc181),
        ],
        "mhe/mhs/checkpoint.pth": [
            .init("weight", "float32", [5, 7, 512], 0x37458d144823e439),
            .init("conv1.weight", "float32", [64, 3, 3, 3], 0x9caa8d8dcbfdcfb1),
            .init("bn1.weight", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.bias", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_mean", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_var", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.num_batches_tracked", "int64", [], 0xaf63bd4c8601b7df),
            .init("layer1.0.weight", "float32", [2, 64, 1, 1], 0x79d230c9f358b97b),
        ],
        "mhe/mhc-2heads/checkpoint.pth": [
            .init("conv1.weight", "float32", [64, 3, 3, 3], 0x2abe59040458e47c),
            .init("bn1.weight", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.bias", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_mean", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_var", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.num_batches_tracked", "int64", [], 0xaf63bd4c8601b7df),
            .init("layer1.0.weight", "float32", [2, 64, 1, 1], 0x989043cd6944a653),
            .init("group.weight", "float32", [6, 512], 0xa4daf0002e8f390b),
            .init("group.bias", "float32", [6], 0x992c304cdf45d441),
            .init("classifier.weight", "float32", [256, 512], 0xc357470a82d015b7),
            .init("classifier.bias", "float32", [256], 0xc5eda632421c68df),
            .init("embed.weight", "float32", [54, 256], 0x0c364c6f4614ee68),
        ],
        "het/hetxl-pytorch-url/checkpoint.pth": [
            .init("C", "float32", [12, 48], 0x989b94490e824d13),
            .init("temp", "float32", [], 0x579dd3a965dc6b41),
            .init("fc.weight", "float32", [10, 12], 0xa5211e0b117b766e),
            .init("fc.bias", "float32", [10], 0xaa31cfda7032481f),
        ],
        "mhe/mhp-legacy/checkpoint.pth": [
            .init("conv1.weight", "float32", [64, 3, 3, 3], 0xc003fe6f92ddc9e3),
            .init("bn1.weight", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.bias", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_mean", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_var", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.num_batches_tracked", "int64", [], 0xaf63bd4c8601b7df),
            .init("layer1.0.weight", "float32", [2, 64, 1, 1], 0xe2835e2202cd90ff),
            .init("classifier.weight", "float32", [13, 512], 0x1277b228d883393c),
            .init("classifier.bias", "float32", [13], 0x10d5a0be253b6029),
        ],
        "mhe/mhp-legacy-module/ckpt.t7": [
            .init("conv1.weight", "float32", [64, 3, 3, 3], 0x8b034415ed03607b),
            .init("bn1.weight", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.bias", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_mean", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_var", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.num_batches_tracked", "int64", [], 0xaf63bd4c8601b7df),
            .init("layer1.0.weight", "float32", [2, 64, 1, 1], 0xead167b6649fc5f7),
            .init("classifier.weight", "float32", [7, 512], 0x33fe4f72cc3d0d1a),
            .init("classifier.bias", "float32", [7], 0xa26b7153eecf5d6f),
        ],
        "mhe/mhp-2heads-module/ckpt.t7": [
            .init("conv1.weight", "float32", [64, 3, 3, 3], 0x22454f1b9539685e),
            .init("bn1.weight", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.bias", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_mean", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_var", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.num_batches_tracked", "int64", [], 0xaf63bd4c8601b7df),
            .init("layer1.0.weight", "float32", [2, 64, 1, 1], 0x2746a811ab9e566f),
            .init("classifier.weight", "float32", [20, 512], 0x2d80edcd36a90c76),
            .init("classifier.bias", "float32", [20], 0xd1306748c76793ea),
        ],
        "mhe/mhc-2heads-module/ckpt.t7": [
            .init("conv1.weight", "float32", [64, 3, 3, 3], 0xd4ef318a6db529ca),
            .init("bn1.weight", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.bias", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_mean", "float32", [64], 0xb9b23f3a46fd0825),
            .init("bn1.running_var", "float32", [64], 0x52e5e208abfd0825),
            .init("bn1.num_batches_tracked", "int64", [], 0xaf63bd4c8601b7df),
            .init("layer1.0.weight", "float32", [2, 64, 1, 1], 0x81a027b046bc184f),
            .init("group.weight", "float32", [10, 512], 0xbfe8ddcfb36fdecf),
            .init("group.bias", "float32", [10], 0xed352cf507472835),
            .init("classifier.weight", "float32", [256, 512], 0xf74a7e3148596e98),
            .init("classifier.bias", "float32", [256], 0xeac020db7191d0f5),
            .init("embed.weight", "float32", [100, 256], 0xf66c00873545cdd3),
        ],
    ]
}
