/// Small files written by safetensors 0.8.0 for Python (`safetensors.numpy.save`), in Base64.
enum SafetensorsFiles {
    /// `type.T` for each type T that is read, 2×2. Signed integers hold their least value, -1, 1
    /// and their greatest; unsigned ones 0, 1, 2 and their greatest (uint64 the greatest int64);
    /// floating ones 1.5, -2.25, 0 and 1024; `type.BOOL` is the identity.
    static let allTypes = """
        WAMAAAAAAAB7InR5cGUuVTY0Ijp7ImR0eXBlIjoiVTY0Iiwic2hhcGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOlswLDMy
        XX0sInR5cGUuSTY0Ijp7ImR0eXBlIjoiSTY0Iiwic2hhcGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOlszMiw2NF19LCJ0
        eXBlLkY2NCI6eyJkdHlwZSI6IkY2NCIsInNoYXBlIjpbMiwyXSwiZGF0YV9vZmZzZXRzIjpbNjQsOTZdfSwidHlwZS5G
        MzIiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsMl0sImRhdGFfb2Zmc2V0cyI6Wzk2LDExMl19LCJ0eXBlLlUzMiI6
        eyJkdHlwZSI6IlUzMiIsInNoYXBlIjpbMiwyXSwiZGF0YV9vZmZzZXRzIjpbMTEyLDEyOF19LCJ0eXBlLkkzMiI6eyJk
        dHlwZSI6IkkzMiIsInNoYXBlIjpbMiwyXSwiZGF0YV9vZmZzZXRzIjpbMTI4LDE0NF19LCJ0eXBlLkJGMTYiOnsiZHR5
        cGUiOiJCRjE2Iiwic2hhcGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOlsxNDQsMTUyXX0sInR5cGUuRjE2Ijp7ImR0eXBl
        IjoiRjE2Iiwic2hhcGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOlsxNTIsMTYwXX0sInR5cGUuVTE2Ijp7ImR0eXBlIjoi
        VTE2Iiwic2hhcGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOlsxNjAsMTY4XX0sInR5cGUuSTE2Ijp7ImR0eXBlIjoiSTE2
        Iiwic2hhcGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOlsxNjgsMTc2XX0sInR5cGUuSTgiOnsiZHR5cGUiOiJJOCIsInNo
        YXBlIjpbMiwyXSwiZGF0YV9vZmZzZXRzIjpbMTc2LDE4MF19LCJ0eXBlLlU4Ijp7ImR0eXBlIjoiVTgiLCJzaGFwZSI6
        WzIsMl0sImRhdGFfb2Zmc2V0cyI6WzE4MCwxODRdfSwidHlwZS5CT09MIjp7ImR0eXBlIjoiQk9PTCIsInNoYXBlIjpb
        MiwyXSwiZGF0YV9vZmZzZXRzIjpbMTg0LDE4OF19fSAgICAgAAAAAAAAAAABAAAAAAAAAAIAAAAAAAAA/////////38A
        AAAAAAAAgP//////////AQAAAAAAAAD/////////fwAAAAAAAPg/AAAAAAAAAsAAAAAAAAAAAAAAAAAAAJBAAADAPwAA
        EMAAAAAAAACARAAAAAABAAAAAgAAAP////8AAACA/////wEAAAD///9/wD8QwAAAgEQAPoDAAAAAZAAAAQACAP//AID/
        /wEA/3+A/wF/AAEC/wEAAAE=
        """

    /// `scalar` float32 2.5; `empty` int16 [0, 4]; `hollow` float64 [3, 0]; uint8 [7] without a
    /// name; 0…5 float32 [2, 3] and int8 [-1, 1] under names to be escaped; and metadata.
    static let names = """
        6AEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyLQutC70Y7RhyI6ImxpbmUgb25lXG5saW5lIFwidHdvXCJcXFx0XHJcYlxm
        XHUwMDFm8J+YgCIsImVtcHR5IjoiIiwiZm9ybWF0IjoibnAifSwiaG9sbG93Ijp7ImR0eXBlIjoiRjY0Iiwic2hhcGUi
        OlszLDBdLCJkYXRhX29mZnNldHMiOlswLDBdfSwiZ3LDtsOfZS/wn5iALndlaWdodCI6eyJkdHlwZSI6IkYzMiIsInNo
        YXBlIjpbMiwzXSwiZGF0YV9vZmZzZXRzIjpbMCwyNF19LCJzY2FsYXIiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6W10s
        ImRhdGFfb2Zmc2V0cyI6WzI0LDI4XX0sImVtcHR5Ijp7ImR0eXBlIjoiSTE2Iiwic2hhcGUiOlswLDRdLCJkYXRhX29m
        ZnNldHMiOlsyOCwyOF19LCJxdW90ZVwiYmFja1xcc2xhc2hcblx1MDAwMSI6eyJkdHlwZSI6Ikk4Iiwic2hhcGUiOlsy
        XSwiZGF0YV9vZmZzZXRzIjpbMjgsMzBdfSwiIjp7ImR0eXBlIjoiVTgiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMi
        OlszMCwzMV19fSAgIAAAAAAAAIA/AAAAQAAAQEAAAIBAAACgQAAAIED/AQc=
        """

    /// No tensor at all.
    static let nothing = "CAAAAAAAAAB7fSAgICAgIA=="

    /// The bytes that the writer must make of the tensors and texts in its test: composed with
    /// Python's json by the rules of order and padding, and read back alike by safetensors 0.8.0.
    static let written = """
        +AEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyIiOiIiLCJsYWJlbHMiOiJncsO2w59lXG5cInF1b3RlZFwiXFxcYlxmXHUw
        MDFmfyIsIm1vZGVsLmpzb24iOiJ7XG5cdFwiaGVhZFwiOiBcImhldC14bFwiXHJcbn0ifSwiY291bnQiOnsiZHR5cGUi
        OiJJNjQiLCJzaGFwZSI6W10sImRhdGFfb2Zmc2V0cyI6WzAsOF19LCJlbXB0eSI6eyJkdHlwZSI6IkYzMiIsInNoYXBl
        IjpbMCw0XSwiZGF0YV9vZmZzZXRzIjpbOCw4XX0sIsOpXCJcXFxuXHUwMDAx8J+YgCI6eyJkdHlwZSI6IkYzMiIsInNo
        YXBlIjpbMiwzXSwiZGF0YV9vZmZzZXRzIjpbOCwzMl19LCJoYWxmIjp7ImR0eXBlIjoiQkYxNiIsInNoYXBlIjpbMl0s
        ImRhdGFfb2Zmc2V0cyI6WzMyLDM2XX0sIiI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpb
        MzYsMzddfSwiYnl0ZXMiOnsiZHR5cGUiOiJJOCIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzM3LDQwXX19ICAg
        ICAgICAgICAgICAgICAgICAgICAgICAgICAgICADAAAAAAAAAAAAAAAAAIA/AAAAQAAAQEAAAIBAAACgQMA/EMAH/wAB
        """
}
