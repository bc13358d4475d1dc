/// A safetensors file of the header's text and the data as they are given.
func safetensorsBytes(
    _ header: [UInt8], data: [UInt8] = [], headerByteCount: UInt64? = nil
) -> [UInt8] {
    little(headerByteCount ?? UInt64(header.count)) + header + data
}

func safetensorsBytes(_ header: String, data: [UInt8] = []) -> [UInt8] {
    safetensorsBytes(Array(header.utf8), data: data)
}

/// One entry of a header, by the format's description.
func safetensorsEntry(
    _ name: String, _ type: String = "U8", _ shape: String = "[1]", _ offsets: String = "[0,1]"
) -> String {
    #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
}
