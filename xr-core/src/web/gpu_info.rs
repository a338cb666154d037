//! What an adapter calls itself, and whether it is a processor in disguise.

/// Its name, as far as the browser tells it.
pub(super) fn adapter_name(info: &wgpu::AdapterInfo) -> &str {
    [&info.name, &info.driver_info, &info.driver]
        .into_iter()
        .find(|text| !text.is_empty())
        .map_or("", String::as_str)
}

/// Whether it draws and computes in software.
pub(super) fn is_software(info: &wgpu::AdapterInfo) -> bool {
    let name = adapter_name(info);
    info.device_type == wgpu::DeviceType::Cpu
        || ["SwiftShader", "llvmpipe", "lavapipe", "Software"]
            .iter()
            .any(|software| name.contains(software))
}
