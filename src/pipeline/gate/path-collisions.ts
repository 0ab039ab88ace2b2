import { type ChangedFile, touchedPaths } from '../changes/change-list.ts'

/**
 * Pairs of paths that one change would bring into being and that a file system which ignores case or Unicode
 * form (macOS, Windows) cannot hold side by side, or where one is a file and the other a folder of that name.
 * Collisions that the repository has already are left alone.
 *
 * @returns sentences for people, one for each collision.
 */
export function pathCollisions(files: readonly ChangedFile[], baseTree: ReadonlySet<string>): string[] {
  const removed = new Set(files.flatMap(removedPaths))
  const created = files.flatMap((file) => (file.status === 'deleted' ? [] : [file.path]))
  const fresh = created.filter((path) => !baseTree.has(path))
  const kept = [...baseTree].filter((path) => !removed.has(path))

  const spelling = new Map<string, { readonly path: string; readonly isFile: boolean }>()
  for (const path of [...kept, ...created.filter((path) => baseTree.has(path))]) {
    for (const entry of entriesOf(path)) spelling.set(fold(entry.path), entry)
  }
  const collisions = new Set<string>()
  for (const path of fresh) {
    for (const entry of entriesOf(path)) {
      const key = fold(entry.path)
      const other = spelling.get(key)
      if (other === undefined) spelling.set(key, entry)
      else if (other.path !== entry.path) collisions.add(`\`${entry.path}\` and \`${other.path}\``)
      else if (other.isFile !== entry.isFile) collisions.add(`\`${entry.path}\` as a file and as a folder`)
    }
  }
  return [...collisions].map((pair) => `${pair} cannot exist side by side on every system`)
}

function removedPaths(file: ChangedFile): readonly string[] {
  if (file.status === 'deleted') return [file.path]
  return touchedPaths(file).filter((path) => path !== file.path)
}

/** The path itself and the folders that it stands in. */
function entriesOf(path: string): readonly { readonly path: string; readonly isFile: boolean }[] {
  const segments = path.split('/')
  return segments.map((_, index) => ({
    path: segments.slice(0, index + 1).join('/'),
    isFile: index === segments.length - 1,
  }))
}

/** One key for all spellings that some file system takes for the same name. */
function fold(path: string): string {
  return path.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC')
}
