import type { Folder } from '../../project.ts'

/**
 * Makes a virtual environment and installs into it; nothing if there is nothing to install.
 *
 * @param installs arguments of `pip install`, one call each.
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
 * A manager that is not installed gets an environment of its own, below that of the project: what the project locks must
 * not replace what the manager needs, and tests must not find what only the manager needs.
 */
export function managerSetup(
  folder: Folder,
  ownEnvironment: boolean,
  name: 'poetry' | 'pdm' | 'pipenv',
): readonly string[] {
  if (folder.tools.has(name) && name !== 'pipenv') return []
  const venv = `${toEnvironment(folder, ownEnvironment)}.venv`
  // pdm 2.29 takes any version of hishel, and fails to start with the second.
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
  // No link: the project may be the manager itself, and writes its own program there.
  return [...made, `cp ${venv}/tools/bin/${name} ${venv}/bin/`]
}

/** From the folder to where its virtual environment is: `../`. */
function toEnvironment({ name }: Folder, ownEnvironment: boolean): string {
  return name === '' || ownEnvironment ? '' : '../'.repeat(name.split('/').length)
}
