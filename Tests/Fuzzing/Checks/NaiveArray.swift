/// A matrix in NumPy's format, known to be well-formed, read without any care for speed.
struct NaiveArray {
    let rowCount, width: Int
    /// Row by row.
    let rows: [Float]

    /// Nil where the header does not tell type, order and two sizes.
    init?(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard
            let type = text.firstMatch(of: /["']descr["']\s*:\s*u?["']([<>])f([248])["']/),
            let order = text.firstMatch(of: /["']fortran_order["']\s*:\s*(True|False)/),
            let shape = text.firstMatch(
                of: /["']shape["']\s*:\s*\(\s*([0-9]+)\s*L?\s*,\s*([0-9]+)/),
            let size = Int(type.2), let rowCount = Int(shape.1), let width = Int(shape.2)
        else { return nil }
        // The elements are what the bytes end with.
        let data = Array(bytes.suffix(rowCount * width * size))
        guard data.count == rowCount * width * size else { return nil }
        let places = (0..<rowCount * width).map { index in
            let (row, column) = (index / width, index % width)
            return order.1 == "True" ? column * rowCount + row : index
        }
        rows = places.map { place in
            let stored = data[place * size..<(place + 1) * size]
            let bits = (type.1 == "<" ? stored.reversed() : Array(stored)).reduce(UInt64(0)) {
                $0 << 8 | UInt64($1)
            }
            return switch size {
            case 2: Float(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
            case 4: Float(bitPattern: UInt32(truncatingIfNeeded: bits))
            default: Float(Double(bitPattern: bits))
            }
        }
        (self.rowCount, self.width) = (rowCount, width)
    }

    /// The same rows as NumPy writes them: little-endian float32, row by row.
    var plain: [UInt8] {
        let data = rows.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
        return header("<f4", "False", lengthBytes: 2) + data
    }

    /// The same rows in the form that differs most: big-endian float64, column by column.
    var turned: [UInt8] {
        let columns = (0..<width).flatMap { column in
            (0..<rowCount).map { row in rows[row * width + column] }
        }
        let data = columns.flatMap { value in
            (0..<8).reversed().map {
                UInt8(truncatingIfNeeded: Double(value).bitPattern >> (8 * $0))
            }
        }
        return header(">f8", "True", lengthBytes: 4) + data
    }

    /// Format 1.0 has a length of two bytes, 3.0 one of four.
    private func header(_ type: String, _ order: String, lengthBytes: Int) -> [UInt8] {
        let text =
            "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(rowCount), \(width)), }\n"
        let length = (0..<lengthBytes).map {
            UInt8(truncatingIfNeeded: text.utf8.count >> (8 * $0))
        }
        return [0x93] + Array("NUMPY".utf8) + [lengthBytes == 2 ? 1 : 3, 0] + length + text.utf8
    }
}
