import { isSetupFile } from '../../setup-cache/setup-key.ts'
import { inlineCode } from '../../text/fenced.ts'
import type { Journal } from '../journal.ts'
import type { PreparedMerge } from './prepare-merge.ts'
import type { LockReport } from './regenerate-locks.ts'

/** What a merged workspace has installed: what the merge asks for, or still what its base asks for. */
export type InstalledFor = 'merge' | 'base'

/**
 * Installs again where the merge changes what setup reads: setup was about the base. Manifests that are still in conflict are left to
 * the agent, and so is what cannot be installed.
 *
 * @param install runs the setup of the base commit on what the workspace holds now; tells whether all of it worked.
 */
export async function installMerged(
  { files, conflicts }: PreparedMerge,
  locks: readonly LockReport[],
  { install, notice }: Pick<Journal, 'notice'> & { readonly install: () => Promise<boolean> },
): Promise<InstalledFor> {
  const changed = files.map(({ path }) => path).filter(isSetupFile)
  const written = new Set(locks.flatMap(({ path, problem }) => (problem === undefined ? [path] : [])))
  const open = conflicts.filter(({ path }) => isSetupFile(path) && !written.has(path))
  if ((changed.length === 0 && written.size === 0) || open.length > 0) return 'base'
  const why = inlineCode(changed[0] ?? [...written][0] ?? '', 120)
  if (await install()) {
    notice('info', `The merge changes ${why}, so dependencies were installed again.`)
    return 'merge'
  }
  notice('warning', `The merge changes ${why}, and dependencies could not be installed again.`)
  return 'base'
}
