/// The order of a sparse row's columns, in time linear in their number. Its memory serves one row
/// after the other.
struct ColumnOrder {
    private enum Kind {
        case ascending, descending
        /// As the table says.
        case listed
        /// As `places` say.
        case mixed
    }

    /// The largest column and its first position; nil without any.
    private(set) var largest: (column: UInt32, position: Int)?
    /// The first position whose column stands at an earlier one, too.
    private(set) var firstRepetition: Int?
    private var kind = Kind.ascending
    /// The place of each position's column in ascending order.
    private var places: [UInt32] = []
    private var table = ColumnTable()
    private var marks = ColumnMarks()
    /// Those of a row that are brought into order.
    private var moved: (columns: [UInt32], values: [Float]) = ([], [])

    /// Finds the order of the columns from `start` on.
    mutating func find(_ columns: [UInt32], from start: Int) {
        let row = columns.span.extracting(start...)
        (largest, firstRepetition, kind) = (nil, nil, .ascending)
        guard let shape = ColumnShape(row) else { return }
        let isMixed = !shape.isAscending && !shape.isDescending
        if isMixed, ColumnTable.suits(shape, count: row.count),
            let position = table.find(row, shape)
        {
            (largest, kind) = ((shape.largest, position), .listed)
            return
        }
        largest = (shape.largest, shape.positionOfLargest(in: row))
        kind = isMixed ? .mixed : shape.isAscending ? .ascending : .descending
        if isMixed { rank(row, shape) }
    }

    /// Finds each position's place, or a repetition.
    private mutating func rank(_ row: Span<UInt32>, _ shape: ColumnShape) {
        places.grow(to: row.count, filler: 0)
        if ColumnMarks.suit(shape, count: row.count) {
            firstRepetition = marks.rank(row, shape, &places)
        } else {
            firstRepetition = ColumnSorter(row, shape).rank(&places)
        }
    }

    /// Brings columns and values from `start` on into the order that was found; no column comes
    /// twice.
    mutating func apply(_ columns: inout [UInt32], _ values: inout [Float], from start: Int) {
        switch kind {
        case .ascending: break
        case .descending:
            Self.reverse(&columns, from: start)
            Self.reverse(&values, from: start)
        case .listed: table.apply(&columns, &values, from: start, by: &moved)
        case .mixed:
            Self.move(&columns, from: start, to: places, by: &moved.columns)
            Self.move(&values, from: start, to: places, by: &moved.values)
        }
    }

    private static func reverse<Element: BitwiseCopyable>(
        _ elements: inout [Element], from start: Int
    ) {
        var elements = elements.mutableSpan
        var (front, back) = (start, elements.count - 1)
        while front < back {
            elements.swapAt(front, back)
            (front, back) = (front + 1, back - 1)
        }
    }

    private static func move<Element: BitwiseCopyable>(
        _ elements: inout [Element], from start: Int, to places: [UInt32],
        by moved: inout [Element]
    ) {
        guard let filler = elements.last else { return }
        let count = elements.count - start
        moved.grow(to: count, filler: filler)
        scatter(elements.span.extracting(start...), to: places.span, in: &moved)
        elements.replaceSubrange(start..., with: moved[..<count])
    }

    private static func scatter<Element: BitwiseCopyable>(
        _ source: Span<Element>, to places: Span<UInt32>, in moved: inout [Element]
    ) {
        var target = moved.mutableSpan
        for position in source.indices { target[Int(places[position])] = source[position] }
    }
}

extension Array {
    /// Appends the filler until there are at least so many elements.
    mutating func grow(to count: Int, filler: Element) {
        guard self.count < count else { return }
        append(contentsOf: repeatElement(filler, count: count - self.count))
    }
}
