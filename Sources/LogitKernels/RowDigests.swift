import CLogitKernels
import Glibc

/// The sums of consecutive logits of a row.
struct PieceSums: Sendable {
    /// The largest logit, before the link's scale and after it.
    var largest: Float
    var maximum: Float
    /// The factor that turns exp(l - maximum) into a probability within the piece.
    var normalizer: Double
    /// In nats, of the piece's own distribution, or the sum over its classes' distributions.
    var entropy: Double
    /// False if a logit, or a scaled one, is not finite: the other members mean nothing then.
    var isFinite: Bool
}

/// A batch's rows of logits in brief: the largest logit of every 32 classes, and the sums of pieces
/// of `LogitKernel.pieceClassCount` classes. Pieces begin at the same classes in every row, batch
/// and cut of the work, and are joined in their order, so that none of these changes a bit.
package struct RowDigests: Sendable {
    package let link: RowLink
    package let classCount: Int
    /// Rows × panels.
    let maxima: [Float]
    /// Rows × pieces.
    let pieces: [PieceSums]

    /// The largest logit of every panel of 32 classes of a row; ⌈K / 32⌉ values.
    package func panelMaxima(_ row: Int) -> ArraySlice<Float> {
        maxima.row(row, width: Self.panelCount(classCount))
    }

    /// The largest logit of every piece of a row.
    package func pieceMaxima(_ row: Int) -> [Float] { pieces(row).map(\.largest) }

    /// The sums of a row; nil if a logit, or a logit times the link's scale, is not finite.
    package func sums(_ row: Int) -> RowSums? { RowSums(joining: pieces(row), link) }

    /// The sums of a row without some pieces, and with these sums instead, each of logits of its
    /// own; nil if nothing is left.
    package func sums(_ row: Int, without places: Set<Int>, with parts: [RowSums]) -> RowSums? {
        let kept = pieces(row).enumerated().filter { !places.contains($0.offset) }.map(\.element)
        return RowSums(joining: (kept + parts.map(\.piece))[...], link)
    }

    private func pieces(_ row: Int) -> ArraySlice<PieceSums> {
        pieces.row(row, width: Self.pieceCount(classCount))
    }

    static func panelCount(_ classCount: Int) -> Int { (classCount + panelWidth - 1) / panelWidth }

    static func pieceCount(_ classCount: Int) -> Int {
        (classCount + LogitKernel.pieceClassCount - 1) / LogitKernel.pieceClassCount
    }
}

extension Array {
    fileprivate func row(_ index: Int, width: Int) -> ArraySlice<Element> {
        self[index * width..<(index + 1) * width]
    }
}

extension RowSums {
    /// These sums as those of a piece, to be joined with others.
    var piece: PieceSums {
        PieceSums(
            largest: maximum, maximum: maximum, normalizer: normalizer, entropy: entropy,
            isFinite: true)
    }

    /// Joins pieces in their order, in double. With Z(p) = Σ exp(l - maximum) of a piece p brought
    /// to the largest maximum, the distribution chooses a piece by Z(p) / Z and then a class in it:
    /// the entropy is ln Z + Σ Z(p) (H(p) - ln Z(p)) / Z.
    init?(joining pieces: ArraySlice<PieceSums>, _ link: RowLink) {
        guard let first = pieces.first, pieces.allSatisfy(\.isFinite) else { return nil }
        let maximum = pieces.reduce(first.maximum) { max($0, $1.maximum) }
        guard pieces.count > 1, link.link == .softmax else {
            let entropy = pieces.dropFirst().reduce(first.entropy) { $0 + $1.entropy }
            self.init(
                entropy: entropy, maximum: maximum, normalizer: first.normalizer, link: link)
            return
        }
        var (total, product) = (0.0, 0.0)
        for piece in pieces {
            let logTotal =
                Double(piece.maximum) - Double(maximum) - Glibc.log(piece.normalizer)
            let weight = Glibc.exp(logTotal)
            total += weight
            // A piece that is flushed to zero has no part in the entropy, however far below it is.
            if weight > 0 { product += weight * (piece.entropy - logTotal) }
        }
        self.init(
            entropy: Glibc.log(total) + product / total, maximum: maximum, normalizer: 1 / total,
            link: link)
    }
}
