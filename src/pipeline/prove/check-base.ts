import { checksText } from '../../runs/summary/sentences.ts'
import type { Attempt } from '../attempt.ts'
import { checksStatus, runNamed } from '../checks/baseline.ts'
import type { Journal } from '../journal.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import { changeKey } from '../verify/kept-parts.ts'
import type { VerifiedBase } from '../verify/open-room.ts'
import type { RoomsOfRun } from '../verify/rooms-of-run.ts'

interface CheckBaseParts {
  readonly attempt: Pick<Attempt, 'signal' | 'leftMs'>
  readonly journal: Pick<Journal, 'step' | 'emit' | 'notice'>
  readonly rooms: Pick<RoomsOfRun, 'openRoom' | 'kept' | 'names'>
}

/**
 * The step `baseline` without an agent's sandbox: what the base commit says about its checks, and what they say about it, in
 * a room of its own.
 *
 * @throws {SandboxError} if no room can be opened, or it is lost.
 */
export function checkBase(
  from: VerifiedBase,
  { attempt: { signal, leftMs }, journal, rooms }: CheckBaseParts,
): Promise<ProjectFacts> {
  async function inRoom(): Promise<ProjectFacts> {
    const onWait = (message: string) => journal.notice('info', message)
    await using room = await rooms.openRoom({
      name: 'base',
      from,
      files: [],
      reached: [],
      signal,
      leftMs,
      onWait,
    })
    const { checks: commands, limits } = room.project
    const { sandbox, path: workspace } = room.workspace
    const request = {
      workspace,
      commands,
      signal,
      limitOf: () => limits.checkMs,
      togetherMs: Math.min(limits.checksMs, leftMs()),
    }
    const baseline = await runNamed(sandbox, request, { files: room.files, names: rooms.names })
    return { ...room.project, baseline }
  }
  return journal.step('baseline', 'Running the checks without the change', async () => {
    const value = await rooms.kept.once(changeKey(from.base.sha, []), 'base', inRoom)
    journal.emit({ type: 'checks.finished', phase: 'before', results: value.baseline })
    return { value, message: checksText(value.baseline), status: checksStatus(value.baseline) }
  })
}
