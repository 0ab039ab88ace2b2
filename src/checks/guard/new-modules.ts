import { posix } from 'node:path'
import type { GuardFinding, ReadChange } from './guarded-change.ts'

/** What makes a module of a folder: a run for all packages above it leaves its tests out. */
const MANIFEST = 'go.mod'

/** The root, and programs that developers run. */
const OWN_FOLDER = /^\.$|(?:^|\/)(?:tools?|scripts?|hack|examples?|docs)(?:\/|$)/

/** Folders of before that a change makes a module of their own, so that an ordinary run no longer finds their tests. */
export function newModules({ files }: ReadChange): readonly GuardFinding[] {
  return files.flatMap(({ file }): readonly GuardFinding[] => {
    const folder = posix.dirname(file.path)
    if (file.status !== 'added' || posix.basename(file.path) !== MANIFEST || OWN_FOLDER.test(folder))
      return []
    // A new module brings its code along, or gets it from elsewhere.
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
