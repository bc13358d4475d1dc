import Fixtures
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// A sparse row's answer is the dense row's, to the last bit.
@Suite struct SparseRowTests {
    /// Rows with the first `counts` of their values, others being zero; dense and sparse.
    private struct Rows {
        let dense: FeatureRows
        let sparse: FeatureRows
        /// Every second row sparse.
        let mixed: FeatureRows

        init(_ features: [Float], width: Int, counts: [Int]) {
            let rowCount = features.count / width
            var (matrix, mixedMatrix): ([Float], [Float]) = ([], [])
            var (columns, mixedColumns): ([UInt32], [UInt32]) = ([], [])
            var (values, mixedValues): ([Float], [Float]) = ([], [])
            for (index, count) in counts.enumerated() {
                // Spread over the row; one of the values is a zero that is named.
                let named = (0..<count).map { $0 * width / count }
                var row = [Float](repeating: 0, count: width)
                for (place, column) in named.enumerated() {
                    row[column] = place == 1 ? -0.0 : features[index % rowCount * width + column]
                }
                matrix += row
                columns += named.map { UInt32($0) }
                values += named.map { row[$0] }
                if index % 2 == 0 {
                    mixedMatrix += row
                } else {
                    mixedColumns += named.map { UInt32($0) }
                    mixedValues += named.map { row[$0] }
                }
            }
            dense = FeatureRows(dense: matrix, count: counts.count)
            sparse = FeatureRows(
                width: width, dense: [], columns: columns, values: values, sparseCounts: counts)
            mixed = FeatureRows(
                width: width, dense: mixedMatrix, columns: mixedColumns, values: mixedValues,
                sparseCounts: counts.enumerated().map { $0 % 2 == 0 ? nil : $1 })
        }
    }

    /// As text, which tells 0 from −0.
    private static func answers(
        _ head: any Head, _ rows: FeatureRows, _ options: RowOptions, threads: Int
    ) -> [String] {
        let batch = FeatureBatch(
            rows: rows, options: [RowOptions](repeating: options, count: rows.count))
        return head.predict(batch, ComputeContext(kernel: .threads(threads))).map { "\($0)" }
    }

    private static func check(_ head: any Head, _ features: [Float], _ counts: [Int]) {
        let options = RowOptions(
            topK: 1000, sampleCount: 20, seed: 3,
            wantsProbabilities: head.summary.output != .scores)
        let rows = Rows(features, width: head.summary.inputCount, counts: counts)
        let expected = answers(head, rows.dense, options, threads: 1)
        for threads in [1, 2] {
            #expect(answers(head, rows.sparse, options, threads: threads) == expected)
            #expect(answers(head, rows.mixed, options, threads: threads) == expected)
        }
        for row in counts.indices {
            #expect(
                answers(head, rows.sparse.only(row), options, threads: 1) == [expected[row]])
        }
    }

    @Test(arguments: [
        "het/het-sigmoid-full", "het/het-softmax-efficient", "het/hetxl-pytorch-url",
        "het/hetxl-softmax-bfloat16", "het/hetxl-softmax-diagonal", "het/hetxl-softmax-efficient",
        "het/hetxl-softmax-full", "het/hetxl-softmax-independent", "het/hetxl-softmax-wide",
        "mhe/arcface-mhs", "mhe/mhc-2heads", "mhe/mhc-3heads", "mhe/mhc-xmc", "mhe/mhp-3heads",
        "mhe/mhp-legacy", "mhe/mhs", "mhe/mhs-bfloat16",
    ])
    func `heads of the authors answer the same`(_ name: String) throws {
        let head = try Model.load(path: Fixtures.folder(name)).head
        let width = head.summary.inputCount
        Self.check(
            head, try Truth(name).floats("features"), [0, 1, 2, 3, width / 2, width, 2, 1])
    }

    /// 1,280 inputs: rows of 80 values and fewer go through the sparse kernel in float32.
    private static let width = 1280
    private static let counts = [0, 1, 79, 80, 81, 400, 1280, 7]

    private static func floats(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in Float.random(in: -scale...scale, using: &random) }
    }

    private static func layer(
        _ outputs: Int, _ format: WeightFormat = .float32, inputs: Int = width
    ) -> DenseLayer {
        DenseLayer(
            weights: PackedWeights(
                floats(outputs * inputs, seed: UInt64(outputs), scale: 0.1).span,
                outputCount: outputs, inputCount: inputs, layout: .outputMajor, format: format),
            bias: floats(outputs, seed: 9))
    }

    @Test(arguments: WeightFormat.allCases)
    func `wide heads of every format answer the same`(format: WeightFormat) {
        let features = Self.floats(8 * Self.width, seed: 1)
        let preLogits = PreLogitsLayer(layer: Self.layer(24, format), activation: .relu)
        let heads: [any Head] = [
            DenseHead(kind: .dense, layer: Self.layer(50, format), link: .softmax, preLogits: nil),
            ArcFaceHead(layer: Self.layer(50, format), scale: 64, preLogits: nil),
            DenseEnsembleHead(
                members: [Self.layer(50, format), Self.layer(50, format)], link: .sigmoid,
                preLogits: nil),
            DenseHead(
                kind: .mhs, layer: Self.layer(33, format, inputs: 24), link: .softmax,
                preLogits: preLogits),
            UnitInputHead(
                base: DenseHead(
                    kind: .dense, layer: Self.layer(50, format), link: .sigmoid, preLogits: nil,
                    factor: 12.5)),
            UnitInputHead(
                base: DenseHead(
                    kind: .dense, layer: Self.layer(33, format, inputs: 24), link: .softmax,
                    preLogits: PreLogitsLayer(layer: Self.layer(24, format), activation: .gelu))),
        ]
        for head in heads { Self.check(head, features, Self.counts) }
    }

    @Test(arguments: [NoiseSpace.logits, .features], DiagonalNoise.allCases)
    func `noisy heads answer the same`(space: NoiseSpace, diagonalNoise: DiagonalNoise) {
        let latents = space == .features ? Self.width : 30
        let weights = HeteroscedasticWeights(
            location: Self.layer(30), diagonal: Self.layer(latents),
            loadings: .efficient(
                scale: Self.layer(latents), homoscedastic: Self.floats(latents * 2, seed: 4),
                shift: Self.floats(latents, seed: 5)),
            factorCount: 2, space: space, diagonalNoise: diagonalNoise, deviation: .floored,
            temperature: 1.5)
        for path in [nil, SamplingPath.latents] {
            var head = HeteroscedasticHead(
                members: [weights], link: .softmax, defaultSampleCount: 20, preLogits: nil)
            head.path = path
            Self.check(head, Self.floats(8 * Self.width, seed: 1), Self.counts)
        }
    }

    @Test func `rows are appended as they are`() {
        let rows = Rows(Self.floats(8 * 40, seed: 2), width: 40, counts: [0, 1, 2, 3, 40]).mixed
        var appended = FeatureRows(width: 40)
        appended.append(rows, rows: 0..<2)
        appended.append(rows, rows: 2..<2)
        appended.append(rows, rows: 2..<5)
        #expect(appended == rows)
        #expect(
            rows.denseRow(3)
                == Rows(
                    Self.floats(8 * 40, seed: 2), width: 40, counts: [0, 1, 2, 3, 40]
                ).dense.denseRow(3))
    }
}
