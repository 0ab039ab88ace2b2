import { isSetupFile } from '../../setup-cache/setup-key.ts'
import { inlineCode } from '../../text/markdown/fenced.ts'
import type { Journal } from '../journal.ts'
import type { PreparedMerge } from './prepare-merge.ts'
import type { LockReport } from './regenerate-locks.ts'

/** Whose dependencies a merged workspace has installed: those of the merge, or still those of its base. */
export type InstalledFor = 'merge' | 'base'

/**
 * Installs dependencies again if the merge changes files that setup reads, since setup ran on the base. If manifests are
 * still in conflict, or if installing fails, that is left to the agent.
 *
 * @param install runs the setup commands of the base commit on the current files; false if one failed.
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
