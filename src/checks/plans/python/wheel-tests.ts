import { stringsIn, valueAt } from '../read-manifest.ts'
import type { PythonManifests } from './python-manifests.ts'
import type { TestEnvironment } from './test-environments.ts'

/** What cibuildwheel installs and runs to test each wheel, according to pyproject.toml; undefined if it tests none. */
export function wheelEnvironment({ pyproject }: PythonManifests): TestEnvironment | undefined {
  const texts = (key: string) => stringsIn(pyproject, ['tool', 'cibuildwheel', key])
  // A single string holds several names, and a list one in each entry.
  const names = (key: string) =>
    Array.isArray(valueAt(pyproject, ['tool', 'cibuildwheel', key]))
      ? texts(key)
      : texts(key).flatMap((text) =>
          text
            .trim()
            .split(/(?<!-r) +/)
            .filter((word) => word !== ''),
        )
  const parts = (key: string) => texts(key).flatMap((text) => text.slice(0, 1000).split(/ && |\n/))
  const commands = parts('test-command').map(inProject)
  if (commands.length === 0) return undefined
  const installed = parts('before-test').flatMap((line) => {
    const words =
      /^(?:python3? -m )?(?:uv )?pip install (.{1,400})$/.exec(line.trim())?.[1]?.split(/\s+/) ?? []
    return words.every((word) => /^\w[\w.[\],<>=!~*-]*$/.test(word)) ? words : []
  })
  return {
    source: 'pyproject.toml',
    requirements: [...names('test-requires'), ...installed],
    extras: names('test-extras'),
    groups: names('test-groups'),
    commands,
  }
}

/** A command with paths of the repository instead of fields: `pytest {project}/tests` becomes `pytest ./tests`. */
function inProject(command: string): string {
  return command.replace(/\{(?:project|package)\}/g, '.').trim()
}
