/// Quantiles of Student's t distribution.
enum StudentT {
    /// The 97.5 % quantiles of 1 … 30 degrees of freedom, and from there on Fisher's expansion in
    /// their inverse (Cornish and Fisher 1937), which errs by less than 1e-7.
    static func quantile975(degreesOfFreedom: Int) -> Double {
        precondition(degreesOfFreedom >= 1, "no degree of freedom")
        if degreesOfFreedom <= table.count { return table[degreesOfFreedom - 1] }
        let (z, n) = (normal975, Double(degreesOfFreedom))
        let square = z * z
        let first = (square + 1) / 4
        let second = ((5 * square + 16) * square + 3) / 96
        let third = (((3 * square + 19) * square + 17) * square - 15) / 384
        let fourth =
            ((((79 * square + 776) * square + 1482) * square - 1920) * square - 945) / 92_160
        return z * (1 + (first + (second + (third + fourth / n) / n) / n) / n)
    }

    /// The 97.5 % quantile of the standard normal distribution.
    static let normal975 = 1.959_963_984_540_054

    private static let table: [Double] = [
        12.706_204_736_175, 4.302_652_729_749, 3.182_446_305_284, 2.776_445_105_198,
        2.570_581_835_636, 2.446_911_851_145, 2.364_624_251_593, 2.306_004_135_204,
        2.262_157_162_798, 2.228_138_851_986, 2.200_985_160_092, 2.178_812_829_667,
        2.160_368_656_463, 2.144_786_687_918, 2.131_449_545_560, 2.119_905_299_221,
        2.109_815_577_833, 2.100_922_040_241, 2.093_024_054_408, 2.085_963_447_266,
        2.079_613_844_728, 2.073_873_067_904, 2.068_657_610_419, 2.063_898_561_628,
        2.059_538_552_753, 2.055_529_438_643, 2.051_830_516_480, 2.048_407_141_795,
        2.045_229_642_133, 2.042_272_456_301,
    ]
}
