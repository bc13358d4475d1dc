/// The list of recognisers. A new one is a file and an entry here.
enum HeadRecognizers {
    /// In order of precedence: a layer that belongs to a head of one rank is no head of a later
    /// one, and the recognisers of one rank may each have a claim to it.
    static let byRank: [[any HeadRecognizer]] = [
        [HeteroscedasticRecognizer()],
        [JAXDenseRecognizer()],
        [CascadeRecognizer()],
        [ProductListRecognizer()],
        [DenseRecognizer(), LinearModelRecognizer(), ProductRecognizer()],
        [MHSRecognizer()],
    ]
}
