internal import LogitKernels

extension SettingText {
    /// The name of an instruction set that this machine can run.
    func instructionSet() throws(SettingError) -> InstructionSet {
        guard let found = InstructionSet(rawValue: text), found.isSupported else {
            let names = InstructionSet.supported.map(\.rawValue).joined(separator: ", ")
            throw .value(
                name: name, text: text,
                expected: "one of those that this machine can run: \(names)")
        }
        return found
    }
}

extension SettingForm<InstructionSet> {
    static var instructionSet: Self {
        Self(
            read: { text throws(SettingError) in try text.instructionSet() }, show: \.rawValue)
    }
}
