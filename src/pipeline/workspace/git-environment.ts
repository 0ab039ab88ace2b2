/** Settings of ours that beat whatever a repository, a user or a machine has configured for git. */
const SAFE_CONFIG: readonly (readonly [string, string])[] = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.attributesFile', '/dev/null'],
  ['core.excludesFile', '/dev/null'],
  ['core.autocrlf', 'false'],
  ['core.precomposeUnicode', 'false'],
  ['core.untrackedCache', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  // Always a pack, never thousands of loose files.
  ['fetch.unpackLimit', '1'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['protocol.allow', 'never'],
  ['protocol.https.allow', 'always'],
  ['protocol.http.allow', 'always'],
  ['protocol.version', '2'],
  ['safe.directory', '*'],
  ['submodule.recurse', 'false'],
]

/**
 * The environment of every git process that we start. Settings travel in variables, not arguments, because
 * arguments are visible to every process and end up in error texts: that matters for the credential.
 * https://git-scm.com/docs/git-config#Documentation/git-config.txt-GITCONFIGCOUNT (git 2.31)
 */
export function gitEnvironment(
  extra: readonly (readonly [string, string])[] = [],
): Readonly<Record<string, string>> {
  const config = [...SAFE_CONFIG, ...extra]
  return {
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LFS_SKIP_SMUDGE: '1',
    LC_ALL: 'C',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  }
}

/** Lets one git process read repositories at `webUrl`; the first is the setting, the second the secret in it. */
export function gitCredential(webUrl: string, token: string): readonly [readonly [string, string], string] {
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64')
  return [[`http.${webUrl}/.extraheader`, `Authorization: Basic ${basic}`], basic]
}
