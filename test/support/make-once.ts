import { mkdir, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Makes a directory that all workers of a test run copy. Several want it at the same moment: one makes it, the others
 * wait, but not for ever, since that one may be killed.
 *
 * @param make makes it aside and renames it, so that no other worker sees half of it.
 */
export async function makeOnce(path: string, make: () => Promise<void>): Promise<void> {
  if (await exists(path)) return
  const isFirst = await mkdir(`${path}-maker`).then(
    () => true,
    () => false,
  )
  for (let tries = 0; !isFirst && tries < 600; tries++) {
    if (await exists(path)) return
    await delay(100)
  }
  await make()
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
