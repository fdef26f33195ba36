export { nativeCacheDirectory } from './cache-directory';
export { compileAddon, type CompileAddonOptions, NODE_API_VERSION } from './compile-addon';
export { findCompiler } from './find-compiler';
export {
  type InstallationRecord,
  installationRecordSchema,
  type NativeVariant,
  readInstallationRecord,
} from './installation-record';
export {
  type LoadNativeAddonOptions,
  loadNativeAddon,
  type NativeAddon,
} from './load-native-addon';
export { LOADER_SOURCE } from './loader-source';
export {
  ADDON_FILE,
  findNativeInstallation,
  type FindNativeInstallationOptions,
  installCommand,
  LOADER_FILE,
  type NativeInstallation,
  nativeInstallationFolder,
  openNativeInstallation,
  RECORD_FILE,
  verifyNativeInstallation,
} from './native-installation';
export { findNativeSource, type NativeSource } from './native-source';
export {
  findNodeGpuPackage,
  NODE_GPU_PACKAGE,
  type NodeGpuPackage,
  ownTensorflowVersion,
} from './node-gpu-package';
