import { readLfsConfig } from '../../github/lfs-config.ts'
import { storeLargeObjects } from '../../github/lfs-upload.ts'
import { showPath } from '../../text/show-path.ts'
import type { ReachRepository } from '../attempt.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import type { GateReport } from '../gate/gate-changes.ts'
import { unfitReason } from '../gate/reasons.ts'

/** Uploads a change's contents in Git LFS. The returned report lacks files whose contents could not be stored. */
export type StoreLargeFiles = (gate: GateReport, baseSha: string) => Promise<GateReport>

/**
 * Call it before anything is verified or committed: a pointer without its object would break every clone of the branch,
 * while an object without a pointer does no harm.
 */
export function createStoreLargeFiles({
  reachRepository,
  webUrl,
  signal,
}: {
  readonly reachRepository: ReachRepository
  readonly webUrl: string
  readonly signal: AbortSignal
}): StoreLargeFiles {
  async function refusals(
    files: readonly ChangedFile[],
    baseSha: string,
  ): Promise<ReadonlyMap<string, string>> {
    const access = await reachRepository()
    const { octokit, repository } = access
    const objects = files.flatMap(({ large }) => large ?? [])
    const all = (why: string) => new Map(objects.map(({ oid }) => [oid, why]))
    if (!repository.canPush) return all('this credential may not write to the repository')
    const config = await readLfsConfig(octokit, { repository, ref: baseSha, webUrl })
    if (config.elsewhere) {
      return all('`.lfsconfig` names another server, to which Backspace sends nothing')
    }
    await using minted = await access.mintToken('write')
    return await storeLargeObjects(objects, { repository, webUrl, token: minted.token, signal })
  }

  return async (gate, baseSha) => {
    const large = gate.publish.filter((file) => file.large !== undefined)
    if (large.length === 0) return gate
    const refused = await refusals(large, baseSha)
    const left = large.filter((file) => refused.has(file.large?.oid ?? ''))
    if (left.length === 0) return gate
    const unfit = left.map(
      ({ path, large: content }) =>
        `${showPath(path)} belongs in Git LFS, and could not be stored: ${refused.get(content?.oid ?? '')}; push it by hand`,
    )
    return {
      ...gate,
      publish: gate.publish.filter((file) => !left.includes(file)),
      withheld: [...gate.withheld, ...left],
      draft: true,
      reasons: [...gate.reasons, ...unfitReason(unfit)],
      unfit: [...gate.unfit, ...unfit],
    }
  }
}
