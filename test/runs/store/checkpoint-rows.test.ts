import { expect, test } from 'vitest'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { startRuns } from '../start-runs.ts'

const CHECKPOINT = {
  ...{ baseSha: 'a'.repeat(40), sandboxId: 'box', tree: 'b'.repeat(40), behind: false, work: null },
  patch: Uint8Array.from({ length: 256 }, (_, byte) => byte),
  excludes: new Uint8Array(),
}

onEachDatabase(({ db }) => {
  test('a checkpoint comes back byte for byte, and only the latest', async () => {
    const { store, claim } = await startRuns(db())
    const { id, attempt } = await claim()
    expect(await store.loadCheckpoint(id)).toBeUndefined()
    await store.saveCheckpoint(id, attempt, { ...CHECKPOINT, behind: true })
    const work = { outcome: { summary: 'NUL \u0000 and 👀' } }
    await store.saveCheckpoint(id, attempt, { ...CHECKPOINT, work })
    const kept = await store.loadCheckpoint(id)
    expect({ ...kept, patch: [...(kept?.patch ?? [])], excludes: [...(kept?.excludes ?? [])] }).toEqual({
      ...{ ...CHECKPOINT, work },
      ...{ patch: [...CHECKPOINT.patch], excludes: [] },
    })
  })

  test('a large checkpoint is kept in parts, and a smaller one after it has none of them', async () => {
    const { store, claim } = await startRuns(db())
    const { id, attempt } = await claim()
    const large = Buffer.alloc(2.5 * 1024 * 1024, 'a line\n')
    await store.saveCheckpoint(id, attempt, { ...CHECKPOINT, patch: large })
    expect(large.equals((await store.loadCheckpoint(id))?.patch ?? CHECKPOINT.patch)).toBe(true)
    await store.saveCheckpoint(id, attempt, CHECKPOINT)
    expect((await store.loadCheckpoint(id))?.patch).toHaveLength(CHECKPOINT.patch.length)
  })

  test('a stale attempt changes no checkpoint', async () => {
    const { store, claim } = await startRuns(db())
    const { id, attempt } = await claim()
    await store.saveCheckpoint(id, attempt, CHECKPOINT)
    await store.markRunning(id)
    await expect(
      store.saveCheckpoint(id, attempt, { ...CHECKPOINT, sandboxId: 'zombie' }),
    ).rejects.toMatchObject({ reason: 'stale_attempt' })
    expect(await store.loadCheckpoint(id)).toMatchObject({ sandboxId: 'box' })
  })
})
