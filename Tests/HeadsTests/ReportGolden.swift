/// Inspection of each fixture folder: written from its output and read; parameter counts
/// follow from the shapes of the layers, which a test of its own checks.
struct ReportGolden: Sendable {
    var fixture: String
    var text: String

    static let all = heteroscedastic + multiHead + demo

    private static let heteroscedastic = [
        ReportGolden(
            fixture: "het/het-sigmoid-full",
            text: """
                het of uncertainty-baselines
                `loc_layer/kernel` below `opt/target/multilabel_head/`: a head of \
                uncertainty-baselines; het, for the noise is as wide as the logits: K = 9, D = 10
                inputs 10, D 10, K 9, R 3, parameters 495, a het-xl 539
                head het (told), temperature 0.4 (told), link sigmoid (file), classes 9 (file), \
                diagonal_noise shared (default), samples 1000 (told), pre_logits none (default), \
                labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "het/het-softmax-efficient",
            text: """
                het of uncertainty-baselines
                `loc_layer/kernel` below `opt/target/multiclass_head/`: a head of \
                uncertainty-baselines; het, for the noise is as wide as the logits: K = 12, D = 16
                inputs 16, D 16, K 12, R 4, parameters 672, a het-xl 828
                head het (told), temperature 1.5 (told), link softmax (file), classes 12 (file), \
                diagonal_noise shared (default), samples 1000 (told), pre_logits none (default), \
                labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "het/hetxl-pytorch-url",
            text: """
                het-xl of mkirchhof/url
                `C`: a head of mkirchhof/url; het-xl, for the noise is as wide as the features: D \
                = 12, K = 10
                inputs 12, D 12, K 10, R 3, parameters 707, a het 611
                head het-xl (told), temperature 0.9457467 (file), link softmax (file), classes 10 \
                (file), diagonal_noise shared (told), samples 1000 (told), pre_logits none \
                (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "het/hetxl-sigmoid-efficient",
            text: """
                het-xl of uncertainty-baselines
                `loc_layer/kernel` below `opt/target/multilabel_head/`: a head of \
                uncertainty-baselines; het-xl, for the noise is as wide as the features: D = 16, \
                K = 14
                inputs 16, D 16, K 14, R 5, parameters 879, a het 799
                head het-xl (told), temperature_bounds [0.05, 5.0] (told), temperature 4.052372 \
                (file), link sigmoid (file), classes 14 (file), diagonal_noise shared (default), \
                samples 1000 (told), pre_logits none (default), labels - (default), version 1 \
                (default)
                """),
        ReportGolden(
            fixture: "het/hetxl-softmax-bfloat16",
            text: """
                het-xl of uncertainty-baselines
                `loc_layer/kernel` below `opt/target/multiclass_head/`: a head of \
                uncertainty-baselines; het-xl, for the noise is as wide as the features: D = 16, \
                K = 12
                inputs 16, D 16, K 12, R 4, parameters 829, a het 673
                head het-xl (told), temperature_bounds [0.05, 5.0] (told), temperature 1.9782553 \
                (file), link softmax (file), classes 12 (file), diagonal_noise shared (default), \
                samples 1000 (told), pre_logits none (default), labels - (default), version 1 \
                (default)
                """),
        ReportGolden(
            fixture: "het/hetxl-softmax-diagonal",
            text: """
                het-xl of uncertainty-baselines
                `loc_layer/kernel` below `opt/target/multiclass_head/`: a head of \
                uncertainty-baselines; het-xl, for the noise is as wide as the features: D = 12, \
                K = 10
                inputs 12, D 12, K 10, R 0, parameters 286, a het 260
                head het-xl (told), temperature 0.7 (told), link softmax (file), classes 10 \
                (file), diagonal_noise shared (default), samples 1000 (told), pre_logits none \
                (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "het/hetxl-softmax-efficient",
            text: """
                het-xl of uncertainty-baselines
                `loc_layer/kernel` below `opt/target/multiclass_head/`: a head of \
                uncertainty-baselines; het-xl, for the noise is as wide as the features: D = 16, \
                K = 12
                inputs 16, D 16, K 12, R 4, parameters 829, a het 673
                head het-xl (told), temperature_bounds [0.05, 5.0] (told), temperature 3.032056 \
                (file), link softmax (file), classes 12 (file), diagonal_noise shared (default), \
                samples 1000 (told), pre_logits none (default), labels - (default), version 1 \
                (default)
                """),
        ReportGolden(
            fixture: "het/hetxl-softmax-full",
            text: """
                het-xl of uncertainty-baselines
                `loc_layer/kernel` below `opt/target/multiclass_head/`: a head of \
                uncertainty-baselines; het-xl, for the noise is as wide as the features: D = 12, \
                K = 10
                inputs 12, D 12, K 10, R 3, parameters 755, a het 651
                head het-xl (told), temperature_bounds [0.3, 3.0] (told), temperature 1.5698824 \
                (file), link softmax (file), classes 10 (file), diagonal_noise shared (default), \
                samples 1000 (told), pre_logits none (default), labels - (default), version 1 \
                (default)
                """),
        ReportGolden(
            fixture: "het/hetxl-softmax-independent",
            text: """
                het-xl of uncertainty-baselines
                `loc_layer/kernel` below `opt/target/multiclass_head/`: a head of \
                uncertainty-baselines; het-xl, for the noise is as wide as the features: D = 14, \
                K = 11
                inputs 14, D 14, K 11, R 4, parameters 656, a het 551
                head het-xl (told), temperature_bounds [0.05, 5.0] (told), temperature 3.0135276 \
                (file), link softmax (file), classes 11 (file), diagonal_noise independent \
                (told), samples 1000 (told), pre_logits none (default), labels - (default), \
                version 1 (default)
                """),
        ReportGolden(
            fixture: "het/hetxl-softmax-wide",
            text: """
                het-xl of uncertainty-baselines
                `loc_layer/kernel` below `opt/target/multiclass_head/`: a head of \
                uncertainty-baselines; het-xl, for the noise is as wide as the features: D = 48, \
                K = 1000
                inputs 48, D 48, K 1000, R 10, parameters 54233, a het 158001
                head het-xl (told), temperature_bounds [0.05, 5.0] (told), temperature 3.0894737 \
                (file), link softmax (file), classes 1000 (file), diagonal_noise shared \
                (default), samples 1000 (told), pre_logits none (default), labels - (default), \
                version 1 (default)
                """),
    ]
}
