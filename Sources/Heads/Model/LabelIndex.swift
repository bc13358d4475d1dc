internal import Predictions

/// The indices of labels by their names: an open table of one slot for each of at least twice as
/// many labels, four bytes each. The names stay where they are.
package struct LabelIndex: Sendable {
    /// The label or labels that a name stands for.
    package enum Match: Sendable, Equatable {
        case one(Int)
        case several
    }

    /// Nil where labels are named by their indices.
    private let labels: [String]?
    private let classCount: Int
    /// Indices of labels, the first of those with one name, with `isRepeated` where it has more.
    private let slots: [UInt32]

    private static let empty = UInt32.max
    private static let isRepeated: UInt32 = 1 << 31

    package init(_ model: Model) {
        self.init(model.labels, classCount: model.head.summary.classCount)
    }

    /// A file of labels has less than 2³⁰ of them. Cost O(K).
    init(_ labels: [String]?, classCount: Int) {
        (self.labels, self.classCount) = (labels, classCount)
        guard let labels else {
            slots = []
            return
        }
        precondition(labels.count < Self.isRepeated, "labels that were read from a file")
        var capacity = 4
        while capacity < 2 * labels.count { capacity *= 2 }
        var slots = [UInt32](repeating: Self.empty, count: capacity)
        for (index, label) in labels.enumerated() {
            let slot = Self.slot(of: label, labels, slots)
            if slots[slot] == Self.empty {
                slots[slot] = UInt32(index)
            } else {
                slots[slot] |= Self.isRepeated
            }
        }
        self.slots = slots
    }

    /// Nil where no label has this name.
    package func match(_ name: String) -> Match? {
        guard let labels else {
            // Names as answers write them: "7", not "07".
            guard let index = Int(name), (0..<classCount).contains(index), String(index) == name
            else { return nil }
            return .one(index)
        }
        let value = slots[Self.slot(of: name, labels, slots)]
        if value == Self.empty { return nil }
        return value & Self.isRepeated == 0 ? .one(Int(value)) : .several
    }

    /// The slot that a name has, or would have.
    private static func slot(of name: String, _ labels: [String], _ slots: [UInt32]) -> Int {
        let mask = slots.count - 1
        var slot = name.hashValue & mask
        while slots[slot] != empty, labels[Int(slots[slot] & ~isRepeated)] != name {
            slot = (slot + 1) & mask
        }
        return slot
    }
}
