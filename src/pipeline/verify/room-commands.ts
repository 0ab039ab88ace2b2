import type { RepositoryPlan } from '../../checks/plans/plan.ts'
import { type CommandPlace, type RecordedCommand, recordCommand } from '../../receipts/recorded-command.ts'
import { inTurns } from '../../time/pieces.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import type { BaselineNames } from '../checks/baseline-names.ts'

/** The purpose of commands, and the files on which they ran. */
export type RanOn = Pick<CommandPlace, 'purpose' | 'files' | 'hunk' | 'again'>

/** Records all commands that run in one room, for the receipt. */
export interface RoomCommands {
  /** Sets the folder of a command that is not one of the repository's own. */
  readonly place: (command: string, folder: string) => void
  readonly record: (on: RanOn, runs: readonly NamedCheck[]) => Promise<void>
  /** All commands so far, in order. */
  readonly all: () => readonly RecordedCommand[]
}

/** @param repository names the folders of the repository's own commands. */
export function createRoomCommands(
  room: RecordedCommand['room'],
  repository: RepositoryPlan | undefined,
): RoomCommands {
  const folders = foldersOf(repository)
  const placed = new Map<string, string>()
  const recorded: RecordedCommand[] = []
  return {
    place(command, folder) {
      placed.set(command, folder)
    },
    async record(on, runs) {
      for (const run of runs) {
        const { command } = run.result
        const folder = folders.get(command) ?? placed.get(command) ?? ''
        recorded.push(await inTurns(recordCommand({ ...on, room, folder }, run)))
      }
    },
    all: () => [...recorded],
  }
}

function foldersOf(repository: RepositoryPlan | undefined): ReadonlyMap<string, string> {
  const { projects = [], said = [] } = repository ?? {}
  return new Map([
    ...projects.flatMap(({ folder, setup, checks }) =>
      [...setup, ...checks.map(({ command }) => command)].map((command) => [command, folder] as const),
    ),
    ...said.map(({ command, folder }) => [command, folder] as const),
  ])
}

/** Records the commands that ran in the agent's sandbox before the agent. */
export async function recordBaseline(
  checks: readonly NamedCheck[],
  {
    names,
    project,
  }: {
    readonly names: BaselineNames
    readonly project: { readonly repository?: RepositoryPlan | undefined }
  },
): Promise<readonly RecordedCommand[]> {
  const { record, all } = createRoomCommands('baseline', project.repository)
  await record({ purpose: 'setup', files: 'base' }, await names.setup())
  await record({ purpose: 'check', files: 'base' }, checks)
  return all()
}
