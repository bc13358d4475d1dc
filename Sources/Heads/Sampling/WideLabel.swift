internal import Glibc

/// The law of p = sigmoid(m + s z), z standard normal, of a label whose deviation s is beyond
/// `LogitKernel.maxLabelDeviation`.
///
/// Against such noise the sigmoid is a step, and what is not one, near zero, a bump. With L of the
/// logistic law E p = P(s z > L − m), and E p(1 − p) and the mean entropy are the density of
/// m + s z at zero, weighted by bumps whose moments are known. With t = m/s, and Φ and φ of the
/// normal law,
///
///     E p = Φ + (π²/6) Φ″/s² + (7π⁴/360) Φ⁗/s⁴,
///     E p(1 − p) = (φ + (π²/6) φ″/s² + (7π⁴/360) φ⁗/s⁴) / s,
///     E H = (π²/3 φ + (7π⁴/90) φ″/s² + (31π⁶/2520) φ⁗/s⁴) / s,
///
/// all at t; what follows is below 10⁻⁸ at s = 40.
struct WideLabel {
    let probability: Double
    let variance: Double
    /// In nats.
    let expectedEntropy: Double

    init(mean: Double, deviation s: Double) {
        // Beyond 40 deviations φ is 0 in double.
        let t = max(-abs(mean) / s, -40)
        let density = exp(-t * t / 2) / (2 * Double.pi).squareRoot()
        // Derivatives of φ over φ.
        let (first, second) = (-t, t * t - 1)
        let (third, fourth) = (3 * t - t * t * t, (t * t - 6) * t * t + 3)
        let (square, fourthPower) = (s * s, s * s * s * s)
        let (pi2, pi4) = (Double.pi * Double.pi, Double.pi * Double.pi * Double.pi * Double.pi)
        let p =
            erfc(-t / 2.0.squareRoot()) / 2 + density
            * (pi2 / 6 * first / square + 7 * pi4 / 360 * third / fourthPower)
        let overlap =
            density / s
            * (1 + pi2 / 6 * second / square + 7 * pi4 / 360 * fourth / fourthPower)
        let complement = min(max(p, 0), 1)
        probability = mean > 0 ? 1 - complement : complement
        variance = max(0, complement * (1 - complement) - overlap)
        expectedEntropy =
            density / s
            * (pi2 / 3 + 7 * pi4 / 90 * second / square
                + 31 * pi4 * pi2 / 2520 * fourth / fourthPower)
    }
}
