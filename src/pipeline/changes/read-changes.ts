import type { RunContext } from '../run-context.ts'
import type { CollectedChanges } from './collect-changes.ts'
import type { ChangeWatch } from './watch-changes.ts'

/** The step in which the host reads what was changed, and tells it. */
export async function readChanges(
  { step, emit, notice }: RunContext,
  watch: Pick<ChangeWatch, 'collect'>,
): Promise<CollectedChanges> {
  const changes = await step('collect', 'Reading what was changed', async () => {
    const value = await watch.collect()
    const { diff } = value
    const files = value.files.map(({ path, status, additions, deletions }) => {
      return { path, status, additions, deletions }
    })
    if (files.length === 0) return { value, message: 'No file was changed', status: 'skipped' }
    emit({ type: 'changes.collected', files, diff })
    return { value, message: `${files.length === 1 ? '1 file' : `${files.length} files`} changed` }
  })
  for (const text of changes.notices) notice('warning', text)
  return changes
}
