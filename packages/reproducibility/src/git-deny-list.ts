/** Names of files that hold secrets as a rule, in lower case; `*` is any part of a name. */
const DENIED_FILES = [
  ...['.env*', '*.env', '*.pem', '*.key', '*.p12', '*.pfx', '*.jks', '*.keystore', '*.ppk', '*.kdbx', '*.gpg'],
  ...['id_rsa*', 'id_dsa*', 'id_ecdsa*', 'id_ed25519*', '*credentials*', 'secret.*', 'secrets.*', '*.tfvars', '*.tfstate'],
  ...['.npmrc', '.yarnrc*', '.pypirc', '.netrc', '_netrc', '.pgpass', '.htpasswd', '.dockercfg', 'kubeconfig', '.vault-token'],
  ...['service-account*.json', 'service_account*.json', 'client_secret*.json'],
]; // prettier-ignore

const DENIED_FOLDERS: ReadonlySet<string> = new Set(['.aws', '.ssh', '.kube', '.gnupg', '.docker']);

const DENIED = new RegExp(
  `^(?:${DENIED_FILES.map((name) => name.replaceAll('.', '\\.').replaceAll('*', '.*')).join('|')})$`,
);

/** Whether the content of the file, by its path with forward slashes, must not leave the machine. */
export function isSecretFile(path: string): boolean {
  const parts = path.toLowerCase().split('/');
  return DENIED.test(parts.at(-1) ?? '') || parts.some((part) => DENIED_FOLDERS.has(part));
}
