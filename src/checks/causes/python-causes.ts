import { ADVICE, type CauseRule, named } from './cause.ts'

/** Rules for pip, uv, Poetry, Pipenv and PDM. */
export const PYTHON_CAUSES: readonly CauseRule[] = [
  {
    kind: 'package',
    line: /Could not find a version that satisfies the requirement (\S{1,120})(?: \(from (?!versions)[^)]{1,160}\))? \(from versions: none\)/,
    say: (name = '') => ({ text: `the package index does not know ${named(name)}`, advice: ADVICE.package }),
  },
  {
    kind: 'package',
    line: /Could not find a version that satisfies the requirement (\S{1,120})|there (?:is|are) no versions? of (\S{1,120}?)(?: and|,|$)|^\s*Package (\S{1,80}(?: \([^)]{1,60}\))?) not found\.$|was not found in the package registry|depends on (\S{1,80}) \([^)]{1,40}\) which doesn't match any versions/,
    say: (...names) => ({
      text: `the package index has no ${named(names.find((name) => name) ?? 'such package')} that fits`,
      advice: ADVICE.package,
    }),
  },
  {
    kind: 'version',
    line: /requires a different Python: (\S{1,30}) not in '([^']{1,40})'/,
    say: (has = '', wanted = '') => ({
      text: `it needs Python ${named(wanted)}, and the sandbox has ${named(has)}`,
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'version',
    line: /The currently activated Python version (\S{1,30}) is not supported by the project \(([^)]{1,40})\)|Current Python version \((\S{1,30})\) is not allowed by the project \(([^)]{1,40})\)/,
    say: (has = '', wanted = '', otherHas = '', otherWanted = '') => ({
      text: `it needs Python ${named(wanted || otherWanted)}, and the sandbox has ${named(has || otherHas)}`,
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'version',
    line: /No interpreter found for Python (\S{1,40})|The requested interpreter resolved to Python .{1,60}requires(?:-python| Python) ?[:=]? ?(\S{1,40})|No download found for request: (\S{1,60})/,
    say: (...names) => ({
      text: `there is no Python ${named(names.find((name) => name) ?? '')} in the sandbox`,
      advice: ADVICE.version,
    }),
  },
  {
    kind: 'conflict',
    line: /Cannot install (.{1,160}) because these package versions have conflicting dependencies/,
    say: (names = '') => ({
      text: `these cannot be installed together: ${named(names, 160)}`,
      advice: 'Correct the versions that the project asks for.',
    }),
  },
  {
    kind: 'conflict',
    line: /because these package versions have conflicting dependencies|ResolutionImpossible|No solution found when resolving|SolverProblemError|version solving failed/i,
    say: () => ({
      text: 'dependencies ask for versions of the same package that do not go together',
      advice: 'Correct the versions that the project asks for.',
    }),
  },
  {
    kind: 'lock_file',
    line: /(?:pyproject\.toml changed significantly since poetry\.lock|poetry\.lock is not up to date)|The lockfile at `?uv\.lock`? needs to be updated|Unable to find lockfile at `?uv\.lock|Your Pipfile\.lock \([^)]{1,80}\) is out of date|The lock file .{0,40}(?:out of date|hash doesn't match)/,
    say: () => ({ text: 'the lock file does not match `pyproject.toml`', advice: ADVICE.lock }),
  },
  {
    kind: 'manifest',
    line: /Could not open requirements file: .{0,60}'([^']{1,120})'/,
    say: (name = '') => ({
      text: `there is no ${named(name)}`,
      advice: 'Set `setup:` in `.github/backspace.yml`.',
    }),
  },
  {
    kind: 'manifest',
    line: /(?:invalid pyproject\.toml|Failed to parse.{0,40}pyproject\.toml|TOMLDecodeError|Invalid requirement: ['"])/i,
    say: () => ({ text: 'the file that names the dependencies is not valid', advice: 'Correct it.' }),
  },
  {
    kind: 'program',
    line: /The virtual environment was not created successfully because ensurepip is not|No module named ensurepip/,
    say: () => ({
      text: 'Python cannot make virtual environments: `ensurepip` is missing',
      advice: ADVICE.program,
    }),
  },
  {
    kind: 'script',
    line: /^\s*(?:ModuleNotFoundError|ImportError): No module named '(setuptools|wheel|Cython|numpy|pkg_resources|distutils)'/,
    say: (name = '') => ({
      text: `a package is built with ${named(name)}, which it does not ask for`,
      advice: `Install ${named(name)} first in \`setup:\`.`,
    }),
  },
]
