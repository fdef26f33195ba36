import { itIsAnObjectStore } from '../../test/store-contract';
import { itMovesAnOutputFolder } from '../../test/transfer-contract';
import { useTemporaryFolder } from '../../test/temporary-folder';
import { FolderStore } from './folder-store';

const temporaryFolder = useTemporaryFolder();

describe('FolderStore', () => {
  itIsAnObjectStore(() => new FolderStore(temporaryFolder()), { partBytes: 10_000 });
  itMovesAnOutputFolder(() => new FolderStore(temporaryFolder()));
});
