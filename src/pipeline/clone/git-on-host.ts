import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Base, gitEnvironment } from '../workspace/workspace.ts'
import type { FetchRequest } from './fetched-repository.ts'
import { PLAIN_HOST_ENVIRONMENT, runHostGit, runHostScript } from './host-git.ts'

/** Git in a directory of the host, without a credential. Nothing that a sandbox wrote is ever in that directory. */
export interface GitOnHost {
  /** @throws {BackspaceError} `clone_failed` */
  run(args: readonly string[], accept?: readonly number[]): Promise<string>
  /** Sizes of blobs in bytes, by id; missing blobs are left out. */
  sizes(ids: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Reads blobs, in the format of `git cat-file --batch`. */
  read(ids: readonly string[]): Promise<Uint8Array>
}

/** Settings for merges. Conflicts show the text of the common ancestor between both sides. */
const MERGE_SETTINGS = [
  ['merge.conflictStyle', 'zdiff3'],
  ['merge.renames', 'true'],
  ['merge.renameLimit', '2000'],
] as const

export function gitOnHost(
  directory: string,
  { base, signal, spawner, hostEnvironment = PLAIN_HOST_ENVIRONMENT }: FetchRequest & { readonly base: Base },
): GitOnHost {
  const options = {
    cwd: directory,
    signal,
    spawner,
    env: {
      ...hostEnvironment,
      ...gitEnvironment(MERGE_SETTINGS),
      HOME: directory,
      GIT_DIR: directory,
    },
    failure: `The branches could not be merged at ${base.sha.slice(0, 7)}.`,
  }
  const ask = (ids: readonly string[]) =>
    writeFile(join(directory, 'wanted'), ids.map((id) => `${id}\n`).join(''))
  return {
    run: (args, accept) => runHostGit(args, { ...options, accept }),
    async sizes(ids) {
      await ask(ids)
      const format = '--batch-check="%(objectname) %(objectsize)"'
      const printed = await runHostScript(`git cat-file ${format} < wanted`, options)
      const lines = [...printed.matchAll(/^([0-9a-f]{40}) (\d+)$/gm)]
      return new Map(lines.map(([, id = '', size]) => [id, Number(size)]))
    },
    async read(ids) {
      await ask(ids)
      await runHostScript('git cat-file --batch < wanted > given', options)
      return readFile(join(directory, 'given'))
    },
  }
}
