import type { Folder } from '../../project.ts'

/**
 * Commands that create a virtual environment and install into it; none if there is nothing to install.
 *
 * @param ownEnvironment whether the environment is in the folder, not at the root of the workspace.
 * @param installs the arguments of each `pip install`.
 */
export function venvSetup(
  folder: Folder,
  ownEnvironment: boolean,
  installs: readonly string[],
): readonly string[] {
  if (installs.length === 0) return []
  const up = toEnvironment(folder, ownEnvironment)
  return folder.tools.has('uv')
    ? [
        `uv venv --quiet ${up}.venv`,
        ...installs.map((one) => `uv pip install --quiet --python ${up}.venv ${one}`),
      ]
    : [
        `python3 -m venv ${up}.venv`,
        ...installs.map((one) => `${up}.venv/bin/python3 -m pip install --quiet ${one}`),
      ]
}

/**
 * Commands that install a missing manager into an environment of its own, inside the project's: packages that the project
 * locks must not replace those of the manager, and tests must not find packages that only the manager needs.
 */
export function managerSetup(
  folder: Folder,
  ownEnvironment: boolean,
  name: 'poetry' | 'pdm' | 'pipenv',
): readonly string[] {
  if (folder.tools.has(name) && name !== 'pipenv') return []
  const venv = `${toEnvironment(folder, ownEnvironment)}.venv`
  // pdm 2.29 accepts any version of hishel, but fails to start with version 2.
  const programs = name === 'pdm' ? "pdm 'hishel<2'" : name
  const made = folder.tools.has('uv')
    ? [
        `uv venv --quiet ${venv}`,
        `uv venv --quiet ${venv}/tools`,
        `uv pip install --quiet --python ${venv}/tools ${programs}`,
      ]
    : [
        `python3 -m venv ${venv} ${venv}/tools`,
        `${venv}/tools/bin/python3 -m pip install --quiet ${programs}`,
      ]
  // A copy, not a link: if the project is the manager itself, it writes its own program there.
  return [...made, `cp ${venv}/tools/bin/${name} ${venv}/bin/`]
}

/** The path from the folder to the folder of its virtual environment, such as `../`; empty if they are the same. */
function toEnvironment({ name }: Folder, ownEnvironment: boolean): string {
  return name === '' || ownEnvironment ? '' : '../'.repeat(name.split('/').length)
}
