/**
 * `expOf(x)` and `logOf(x)`: NaN of NaN. WGSL lets a device assume that there is no NaN, and `exp` and `log` of SwiftShader
 * give numbers: a loss that diverged would look sound.
 */
export const EXPONENTIAL = `
fn isNaN(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn expOf(x: f32) -> f32 { return select(exp(x), x, isNaN(x)); }
fn logOf(x: f32) -> f32 { return select(log(x), x, isNaN(x)); }
`;
