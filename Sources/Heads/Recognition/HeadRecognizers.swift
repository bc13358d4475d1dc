/// The list of recognisers. A new one is a file and an entry here.
enum HeadRecognizers {
    /// In order of precedence: a rank is asked only where the ranks before it found nothing, and
    /// the recognisers of one rank are asked together.
    static let byRank: [[any HeadRecognizer]] = [
        [HeteroscedasticRecognizer()],
        [JAXDenseRecognizer()],
        [CascadeRecognizer()],
        [DenseRecognizer(), ProductRecognizer()],
        [MHSRecognizer()],
    ]
}
