import { detectRepository } from '../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../project-of.ts'

export type Files = Readonly<Record<string, string>>
export const PACKAGE = '[build-system]\n[project]\nname = "a"\n'

/** What pip and its like install, and the checks. `commands` are steps of CI. */
export async function planOf(files: Files, commands: readonly string[] = []) {
  const steps = commands.map((command) => `      - run: ${command}`).join('\n')
  const ci: Files =
    commands.length > 0 ? { '.github/workflows/ci.yml': `jobs:\n  test:\n    steps:\n${steps}` } : {}
  const { projects } = await detectRepository(projectOf({ ...files, ...ci }, ['pytest', 'pdm']))
  const [plan] = projects
  const installs = (plan?.setup ?? []).map((command) =>
    command.replace(/^\.venv\/(?:tools\/)?bin\/python3 -m pip install --quiet /, 'pip '),
  )
  return [
    ...installs.filter((command) => !/^(?:python3 -m venv|cp \.venv\/tools\/)/.test(command)),
    ...(plan?.checks ?? []).map(({ inFolder }) => inFolder),
  ]
}
