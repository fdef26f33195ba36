export {
  DataError,
  EXIT_CODES,
  EnvironmentError,
  IntegrityError,
  PixelisError,
  type PixelisErrorOptions,
  RemoteError,
  UsageError,
} from './errors';
export { canonicalJson } from './canonical-json';
export type { JsonValue, Recorder } from './recorder';
