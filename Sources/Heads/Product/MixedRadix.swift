/// The label code of multi-head encoding: y = Σ_h c_h Π_{j>h} C_j, the first head most significant.
/// Codes from `classCount` on are not labels.
struct MixedRadix: Sendable {
    /// C_h, each at least 1.
    let sizes: [Int]
    /// Labels K, at most Π C_h.
    let classCount: Int
    /// Whether K < Π C_h.
    let hasSpareCodes: Bool
    /// The labels as disjoint boxes of codes: the digits of K up to one head, a smaller digit
    /// there, and any digits after it. At most one box a head; one for all when K = Π C_h.
    let boxes: [CodeBox]
    /// Σ_{j<h} C_j.
    private let starts: [Int]

    /// Nil when a size is below 1, when Π C_h overflows, or when K is not in 1...Π C_h.
    init?(sizes: [Int], classCount: Int) {
        guard let codes = Self.codeCount(sizes), classCount >= 1, classCount <= codes else {
            return nil
        }
        self.sizes = sizes
        self.classCount = classCount
        var places = 0
        starts = sizes.map { size in
            // The sum may wrap only past the places of any layer, where it is not used.
            defer { places &+= size }
            return places
        }
        hasSpareCodes = classCount < codes
        boxes =
            hasSpareCodes
            ? Self.boxes(sizes, classCount: classCount) : [CodeBox(prefix: [], limit: sizes[0])]
    }

    /// Π C_h; nil when a size is below 1 or the product overflows.
    static func codeCount(_ sizes: [Int]) -> Int? {
        guard !sizes.isEmpty else { return nil }
        var product = 1
        for size in sizes {
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            guard size >= 1, !overflow else { return nil }
            product = next
        }
        return product
    }

    /// The digits c_h of a code, first head first.
    func digits(of label: Int) -> [Int] {
        var rest = label
        var digits = sizes
        for head in sizes.indices.reversed() {
            digits[head] = rest % sizes[head]
            rest /= sizes[head]
        }
        return digits
    }

    func label(of digits: [Int]) -> Int {
        zip(digits, sizes).reduce(0) { $0 * $1.1 + $1.0 }
    }

    /// The places of the digits of a head among those of all heads.
    func digitPlaces(_ head: Int) -> Range<Int> { starts[head]..<starts[head] + sizes[head] }

    /// The boxes of the labels.
    private static func boxes(_ sizes: [Int], classCount: Int) -> [CodeBox] {
        var end = sizes
        var rest = classCount
        for head in sizes.indices.reversed() {
            (rest, end[head]) = rest.quotientAndRemainder(dividingBy: sizes[head])
        }
        return sizes.indices.compactMap { head in
            end[head] == 0 ? nil : CodeBox(prefix: Array(end[..<head]), limit: end[head])
        }
    }
}

/// Codes that start with `prefix`, go on with a digit below `limit`, and end in any digits.
struct CodeBox: Sendable, Equatable {
    let prefix: [Int]
    let limit: Int
}
