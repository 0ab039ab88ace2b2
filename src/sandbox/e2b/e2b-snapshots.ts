import { createHash } from 'node:crypto'
import type { E2B, SnapshotInfo as E2bSnapshotInfo } from 'e2b'
import { untilAborted } from '../../time/within.ts'
import type { SandboxSnapshots, SnapshotInfo } from '../snapshots.ts'

interface E2bSnapshotsOptions {
  readonly client: E2B
  readonly template: string
  /** Name of this deployment; marks its snapshots. */
  readonly deployment: string
}

/** Taking a snapshot pauses a sandbox for about four seconds per GiB of memory. */
const TAKE_MS = 120_000
/** E2B lists the snapshots of the whole team, so this is the most pages to read. */
const MAX_PAGES = 50

/**
 * Snapshots at E2B, with files and memory, as templates that only this team can use. E2B never removes one by itself.
 */
export function createE2bSnapshots({ client, template, deployment }: E2bSnapshotsOptions): SandboxSnapshots {
  // E2B allows lower-case letters, digits and dashes.
  const prefix = `backspace-${createHash('sha256').update(deployment).digest('hex').slice(0, 8)}-`

  function describe({ snapshotId, names }: E2bSnapshotInfo): SnapshotInfo | undefined {
    const name = [snapshotId, ...names].map(plainName).find((each) => each.startsWith(prefix))
    return name === undefined
      ? undefined
      : { id: snapshotId, name: name.slice(prefix.length), bytes: undefined }
  }

  return {
    environment: async () => `template ${template}`,
    async take(sandboxId, { name, signal }) {
      try {
        const options = { name: `${prefix}${name}`, requestTimeoutMs: TAKE_MS }
        const { snapshotId } = await untilAborted(client.Sandbox.createSnapshot(sandboxId, options), signal)
        return { id: snapshotId, name, bytes: undefined }
      } catch {
        // An old template, a busy node, a sandbox in transition: the run goes on without a snapshot. If one was made
        // nevertheless, the sweep finds it by its name.
        return undefined
      }
    },
    async remove(id) {
      await client.Sandbox.deleteSnapshot(id)
    },
    async list() {
      const pages = client.Sandbox.listSnapshots()
      const found: SnapshotInfo[] = []
      for (let page = 0; pages.hasNext && page < MAX_PAGES; page++) {
        found.push(...(await pages.nextItems()).flatMap((info) => describe(info) ?? []))
      }
      return found
    },
  }
}

/** `team/name:tag` without the team and the tag. */
function plainName(name: string): string {
  const start = name.lastIndexOf('/') + 1
  const end = name.indexOf(':', start)
  return end === -1 ? name.slice(start) : name.slice(start, end)
}
