import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { ControlPlane } from './control-plane.ts'
import { removeFiles } from './machine.ts'
import { breakStreams, type SandboxRecord } from './sandbox-record.ts'

/**
 * Files of a sandbox, from which others can be made. Not its processes, which E2B keeps too: a sandbox that is made of it
 * there goes on with them.
 */
export interface Snapshot {
  /** Files, for `createLazyMachine`. */
  readonly directory: string
  readonly names: readonly string[]
  /** It outlives this one. */
  readonly sandboxId: string
}

interface SnapshotInfo {
  readonly snapshotID: string
  readonly names: readonly string[]
}

interface Refusal {
  readonly status: number
  readonly message: string
}

const NEW_SNAPSHOT = z.object({ name: z.string().optional() })
const TEAM = 'stand-in'
const NAME = /^(?:(?<team>[a-z0-9_-]+)\/)?(?<alias>[a-z0-9_-]+)(?::(?<tag>[a-z0-9._-]+))?$/i

/** `POST /sandboxes/ID/snapshots`: the sandbox stops for a moment and every connection to it breaks. */
export async function createSnapshot(
  { snapshots }: ControlPlane,
  record: SandboxRecord,
  body: unknown,
): Promise<SnapshotInfo | Refusal> {
  const { name } = NEW_SNAPSHOT.parse(body)
  const parsed = name === undefined ? undefined : NAME.exec(name)?.groups
  if (name !== undefined && !parsed) return { status: 400, message: `Invalid name: ${name}` }
  if (parsed?.team !== undefined && parsed.team !== TEAM) {
    return { status: 400, message: `namespace '${parsed.team}' does not match your team '${TEAM}'` }
  }
  if (record.state === 'paused') {
    return { status: 409, message: `Sandbox '${record.id}' cannot be snapshotted while in 'paused' state` }
  }
  breakStreams(record)
  const directory = await record.machine.snapshot()
  const names = parsed ? [`${TEAM}/${parsed.alias}`] : []
  const snapshotID = `${names[0] ?? randomBytes(10).toString('hex')}:${parsed?.tag ?? 'default'}`
  const before = snapshots.get(snapshotID)
  snapshots.set(snapshotID, { directory, names, sandboxId: record.id })
  if (before) await removeFiles(before.directory)
  return { snapshotID, names }
}

/** By its id, or by what may be left out of it: team and tag. */
export function findSnapshot({ snapshots }: ControlPlane, id: string): Snapshot | undefined {
  const withTag = id.includes(':') ? id : `${id}:default`
  return snapshots.get(withTag) ?? snapshots.get(`${TEAM}/${withTag}`)
}

/** `GET /snapshots`. */
export function listSnapshots({ snapshots }: ControlPlane, { searchParams }: URL): readonly SnapshotInfo[] {
  const sandboxId = searchParams.get('sandboxID')
  const name = searchParams.get('name')
  return [...snapshots]
    .filter(([, snapshot]) => sandboxId === null || snapshot.sandboxId === sandboxId)
    .filter(([, { names }]) => name === null || names.includes(name) || names.includes(`${TEAM}/${name}`))
    .map(([snapshotID, { names }]) => ({ snapshotID, names }))
}

/** `DELETE /templates/ID`. @returns false when there is none. */
export async function deleteSnapshot(plane: ControlPlane, id: string): Promise<boolean> {
  const found = findSnapshot(plane, id)
  if (!found) return false
  for (const [key, snapshot] of plane.snapshots) if (snapshot === found) plane.snapshots.delete(key)
  await removeFiles(found.directory)
  return true
}
