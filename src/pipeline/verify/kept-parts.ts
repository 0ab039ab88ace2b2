import { createHash } from 'node:crypto'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import type { Attempt } from '../attempt.ts'

/** What a verification has found out already, in this attempt or an earlier one. */
export interface KeptParts {
  /**
   * Finds a part of the verification of exactly these files, or finds it out and stores it.
   *
   * @param name `head` or `regression`; a part is JSON, written by the same function in every attempt.
   */
  once<T>(key: string, name: string, find: () => Promise<T>): Promise<T>
}

export function createKeptParts(
  effects: Pick<EffectStore, 'keep' | 'result'>,
  { run, number }: Pick<Attempt, 'run' | 'number'>,
): KeptParts {
  return {
    async once<T>(key: string, part: string, find: () => Promise<T>): Promise<T> {
      const name = `verify:${key}:${part}`
      const kept = run.attempt > 1 ? await effects.result({ runId: run.id, name }) : undefined
      // The only writer of this name is the line below.
      if (kept !== undefined) return kept as T
      const result = await find()
      await effects.keep({ runId: run.id, attempt: number, name, result })
      return result
    },
  }
}

/** The same for the same files on the same commit, known before there is a tree. */
export function changeKey(baseSha: string, files: readonly VerifiedFile[]): string {
  const ids = files.map(({ path, previousPath = '', mode, sha }) => [path, previousPath, mode, sha])
  return createHash('sha256')
    .update(JSON.stringify([baseSha, ids]))
    .digest('hex')
    .slice(0, 40)
}
