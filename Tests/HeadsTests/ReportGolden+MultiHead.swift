extension ReportGolden {
    static let multiHead = [
        ReportGolden(
            fixture: "mhe/arcface-mhs",
            text: """
                arcface-mhs of Anoise/MHE
                `weight` [6, 8, 32], alone and of three dimensions: one row a label
                inputs 32, D 32, K 48, heads [6, 8], parameters 1536, a dense 1584
                head arcface-mhs (told), heads [6, 8] (file), classes 48 (file), scale 64.0 \
                (told), pre_logits none (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "mhe/mhc-2heads",
            text: """
                mhc of Anoise/MHE
                `group.weight` with `classifier.weight` and `embed.weight`: a cascade of 2 levels
                inputs 512, D 512, K 54, heads [6, 9], parameters 148230, a dense 27702
                head mhc (told), heads [6, 9] (told), classes 54 (told), task single-label \
                (file), head_activation softmax (told), beam 6 (default), pre_logits none \
                (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "mhe/mhc-2heads-module",
            text: """
                mhc of Anoise/MHE
                `group.weight` with `classifier.weight` and `embed.weight`: a cascade of 2 levels
                inputs 512, D 512, K 100, heads [10, 10], parameters 162058, a dense 51300
                head mhc (told), heads [10, 10] (told), classes 100 (told), task single-label \
                (file), head_activation softmax (told), beam 10 (default), pre_logits none \
                (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "mhe/mhc-3heads",
            text: """
                mhc of Anoise/MHE
                `group.weight` with `classifier1.weight` and `embed1.weight`, \
                `classifier2.weight` and `embed2.weight`: a cascade of 3 levels
                inputs 512, D 512, K 100, heads [4, 5, 5], parameters 295428, a dense 51300
                head mhc (told), heads [4, 5, 5] (told), classes 100 (told), task single-label \
                (file), head_activation softmax (told), beam 4 (default), pre_logits none \
                (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "mhe/mhc-xmc",
            text: """
                mhc of Anoise/MHE
                `l0.weight` with `l1.weight` and `embed.weight`: a cascade of 2 levels
                inputs 60, D 60, K 211, heads [16, 14], parameters 7504, a dense 12871
                head mhc (told), heads [16, 14] (told), classes 211 (told), task multi-label \
                (told), head_activation sigmoid (default), beam 4 (told), pre_logits none \
                (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "mhe/mhc-xmc-padded",
            text: """
                mhc of Anoise/MHE
                `group_classifer.weight` with `sub_classifer.weight` and `embedding.weight`: a \
                cascade of 2 levels
                inputs 60, D 60, K 209, heads [15, 14], parameters 6335, a dense 12749
                head mhc (told), heads [15, 14] (told), classes 209 (told), task multi-label \
                (told), head_activation sigmoid (default), beam 15 (told), pre_logits none \
                (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "mhe/mhp-3heads",
            text: """
                mhp of Anoise/MHE
                `classifier.weight`, one dense layer, and `head` in model.json: the digits of a \
                label, head after head
                inputs 512, D 512, K 113, heads [4, 5, 6], parameters 7695, a dense 57969
                head mhp (told), heads [4, 5, 6] (told), classes 113 (told), head_activation \
                softmax (told), pre_logits none (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "mhe/mhp-dataparallel",
            text: """
                mhp of Anoise/MHE
                `classifier.weight`, one dense layer, and `head` in model.json: the digits of a \
                label, head after head
                inputs 512, D 512, K 70, heads [8, 9], parameters 8721, a dense 35910
                head mhp (told), heads [8, 9] (told), classes 70 (told), head_activation softmax \
                (told), pre_logits none (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "mhe/mhp-2heads-module",
            text: """
                mhp of Anoise/MHE
                `classifier.weight`, one dense layer, and `head` in model.json: the digits of a \
                label, head after head
                inputs 512, D 512, K 100, heads [10, 10], parameters 10260, a dense 51300
                head mhp (told), heads [10, 10] (told), classes 100 (told), head_activation \
                softmax (told), pre_logits none (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "mhe/mhp-legacy",
            text: """
                mhp of Anoise/MHE
                `classifier.weight`, one dense layer, and `head` in model.json: the digits of a \
                label, head after head
                inputs 512, D 512, K 42, heads [6, 7], parameters 6669, a dense 21546
                head mhp (told), heads [6, 7] (told), classes 42 (told), head_activation softmax \
                (told), pre_logits none (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "mhe/mhp-legacy-module",
            text: """
                mhp of Anoise/MHE
                `classifier.weight`, one dense layer, and `head` in model.json: the digits of a \
                label, head after head
                inputs 512, D 512, K 10, heads [2, 5], parameters 3591, a dense 5130
                head mhp (told), heads [2, 5] (told), classes 10 (told), head_activation softmax \
                (told), pre_logits none (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "mhe/mhs",
            text: """
                mhs of Anoise/MHE
                `weight` [5, 7, 512], alone and of three dimensions: one row a label
                inputs 512, D 512, K 35, heads [5, 7], parameters 17920, a dense 17955
                head mhs (told), heads [5, 7] (file), classes 35 (file), link softmax (default), \
                pre_logits none (default), labels - (default), version 1 (default)
                """),
        ReportGolden(
            fixture: "mhe/mhs-bfloat16",
            text: """
                mhs of Anoise/MHE
                `weight` [4, 9, 512], alone and of three dimensions: one row a label
                inputs 512, D 512, K 36, heads [4, 9], parameters 18432, a dense 18468
                head mhs (told), heads [4, 9] (file), classes 36 (file), link softmax (default), \
                pre_logits none (default), labels - (default), version 1 (default)
                """),
    ]

    static let demo = [
        ReportGolden(
            fixture: "../../Sources/headserve/Models/digits-hetxl",
            text: """
                het-xl of uncertainty-baselines
                `loc_layer/kernel` below `opt/target/multiclass_head/`: a head of \
                uncertainty-baselines; het-xl, for the noise is as wide as the features: D = 32, \
                K = 10
                inputs 64, D 32, K 10, R 6, parameters 2667, a het 1061
                head het-xl (told), temperature_bounds [0.05, 5.0] (told), temperature 0.1727309 \
                (file), link softmax (file), classes 10 (file), diagonal_noise shared (default), \
                samples 1000 (default), pre_logits tanh (told), labels labels.txt (told), version \
                1 (default)
                """),
        ReportGolden(
            fixture: "../../Sources/headserve/Models/digits-mhp",
            text: """
                mhp of Anoise/MHE
                `classifier.weight`, one dense layer, and `head` in model.json: the digits of a \
                label, head after head
                inputs 64, D 48, K 10, heads [2, 5], parameters 343, a dense 490
                head mhp (told), heads [2, 5] (told), classes 10 (told), head_activation softmax \
                (told), pre_logits tanh (told), labels labels.txt (told), version 1 (default)
                """),
        ReportGolden(
            fixture: "../../Sources/headserve/Models/digits-mhc",
            text: """
                mhc of Anoise/MHE
                `group.weight` with `classifier.weight` and `embed.weight`: a cascade of 2 levels
                inputs 64, D 48, K 10, heads [2, 5], parameters 1986, a dense 490
                head mhc (told), heads [2, 5] (told), classes 10 (told), task single-label \
                (file), head_activation softmax (told), beam 2 (default), pre_logits tanh (told), \
                labels labels.txt (told), version 1 (default)
                """),
        ReportGolden(
            fixture: "../../Sources/headserve/Models/digits-mhs",
            text: """
                mhs of Anoise/MHE
                `weight` [2, 5, 48], alone and of three dimensions: one row a label
                inputs 64, D 48, K 10, heads [2, 5], parameters 480, a dense 490
                head mhs (told), heads [2, 5] (file), classes 10 (file), link softmax (default), \
                pre_logits tanh (told), labels labels.txt (told), version 1 (default)
                """),
    ]
}
