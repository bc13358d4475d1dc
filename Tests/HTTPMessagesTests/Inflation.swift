@testable import HTTPMessages

/// The bytes of a coded body that comes in pieces.
func inflated(
    _ pieces: [[UInt8]], _ coding: ContentCoding, limit: Int
) throws(ContentCodingError) -> [UInt8] {
    var inflater = try ContentInflater(coding, limit: limit)
    var output: [UInt8] = []
    for piece in pieces {
        var offset = 0
        while offset < piece.count {
            try inflater.read(piece.span, from: &offset, into: &output)
        }
    }
    try inflater.checkEnd()
    return output
}
