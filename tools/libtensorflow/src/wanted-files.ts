/** TensorFlow's library, which holds its C API, and the one that it shares with plug-ins. */
const LIBRARIES = /^tensorflow\/libtensorflow_(cc|framework)\.so\.\d+$/;

/** The folder of TensorFlow's headers. */
export const HEADERS = 'tensorflow/include';

/** What the addon's source includes, directly or not; the rest of the headers is 280 MB. */
const WANTED_HEADERS =
  /^tensorflow\/include\/(tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl\/c)\/.*\.h$/;

const LICENCES =
  /^(tensorflow\/THIRD_PARTY_NOTICES\.txt|[^/]+\.dist-info\/(METADATA|licen[cs]es?\/.*|licen[cs]e[^/]*))$/i;

/** The libraries of CUDA, and the compiler and library of device code that XLA calls. */
const CUDA =
  /^nvidia\/[^/]+\/(lib\/[^/]+\.so(\.[\d.]+)?|bin\/(ptxas|nvlink|fatbinary)|nvvm\/libdevice\/.*)$/;

/** Whether a file of a wheel is unpacked. The layout of the wheels is kept: their libraries find each other by it. */
export function isWanted(path: string): boolean {
  return [LIBRARIES, WANTED_HEADERS, LICENCES, CUDA].some((pattern) => pattern.test(path));
}

/** Whether an unpacked file is read when the addon is loaded, and so is part of the installation's record. */
export function isLoaded(path: string): boolean {
  return LIBRARIES.test(path) || CUDA.test(path);
}

/** Whether a file is one of the libraries that the addon is linked with. */
export function isLinked(path: string): boolean {
  return LIBRARIES.test(path);
}
