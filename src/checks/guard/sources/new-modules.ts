import { posix } from 'node:path'
import type { GuardFinding, ReadChange } from '../change/guarded-change.ts'

/** The file that makes a folder a Go module of its own. `go test ./...` above it leaves its tests out. */
const MANIFEST = 'go.mod'

/** Matches the root, and folders of programs that only developers run. */
const OWN_FOLDER = /^\.$|(?:^|\/)(?:tools?|scripts?|hack|examples?|docs)(?:\/|$)/

/**
 * Reports existing folders that a change turns into a module of their own, so that an ordinary run no longer
 * finds their tests.
 */
export function newModules({ files }: ReadChange): readonly GuardFinding[] {
  return files.flatMap(({ file }): readonly GuardFinding[] => {
    const folder = posix.dirname(file.path)
    if (file.status !== 'added' || posix.basename(file.path) !== MANIFEST || OWN_FOLDER.test(folder))
      return []
    // A new module whose code is new or moved takes no tests away.
    const bringsCode = files.some(
      (one) =>
        one.file.path.startsWith(`${folder}/`) &&
        one.file.path.endsWith('.go') &&
        (one.file.status === 'added' || one.file.status === 'renamed'),
    )
    return bringsCode
      ? []
      : [{ text: `\`${file.path}\` takes its folder out of the module that is tested`, weight: 'reason' }]
  })
}
