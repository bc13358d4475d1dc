/// The opcodes that make data in pickles of protocols 2 to 5 as Python 2 and 3 write them. All
/// others are refused: extension registry, out-of-band buffers, text forms of protocols 0 and 1.
enum PickleOpcode: UInt8 {
    case proto = 0x80
    case frame = 0x95
    case stop = 0x2e  // '.'

    case none = 0x4e  // 'N'
    case newTrue = 0x88
    case newFalse = 0x89
    case int = 0x49  // 'I'
    case binInt = 0x4a  // 'J'
    case binInt1 = 0x4b  // 'K'
    case binInt2 = 0x4d  // 'M'
    case long1 = 0x8a
    case long4 = 0x8b
    case binFloat = 0x47  // 'G'
    case binString = 0x54  // 'T'
    case shortBinString = 0x55  // 'U'
    case binUnicode = 0x58  // 'X'
    case shortBinUnicode = 0x8c
    case binUnicode8 = 0x8d
    case binBytes = 0x42  // 'B'
    case shortBinBytes = 0x43  // 'C'
    case binBytes8 = 0x8e
    case byteArray8 = 0x96

    case mark = 0x28  // '('
    case pop = 0x30  // '0'
    case popMark = 0x31  // '1'
    case dup = 0x32  // '2'

    case emptyTuple = 0x29  // ')'
    case tuple = 0x74  // 't'
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case emptyList = 0x5d  // ']'
    case list = 0x6c  // 'l'
    case append = 0x61  // 'a'
    case appends = 0x65  // 'e'
    case emptyDict = 0x7d  // '}'
    case dict = 0x64  // 'd'
    case setItem = 0x73  // 's'
    case setItems = 0x75  // 'u'
    case emptySet = 0x8f
    case addItems = 0x90
    case frozenSet = 0x91

    case binGet = 0x68  // 'h'
    case longBinGet = 0x6a  // 'j'
    case binPut = 0x71  // 'q'
    case longBinPut = 0x72  // 'r'
    case memoize = 0x94

    case global = 0x63  // 'c'
    case stackGlobal = 0x93
    case inst = 0x69  // 'i'
    case obj = 0x6f  // 'o'
    case reduce = 0x52  // 'R'
    case newObj = 0x81
    case newObjEx = 0x92
    case build = 0x62  // 'b'
    case binPersId = 0x51  // 'Q'

    /// Known, and refused: PERSID, STRING, UNICODE, LONG, FLOAT, GET, PUT of protocol 0, EXT1,
    /// EXT2, EXT4, NEXT_BUFFER, READONLY_BUFFER.
    static let refused: Set<UInt8> = [
        0x50, 0x53, 0x56, 0x4c, 0x46, 0x67, 0x70, 0x82, 0x83, 0x84, 0x97, 0x98,
    ]
}
