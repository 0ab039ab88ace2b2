/** A variable that a repository asks for: its value as text, or why it is refused. */
export type PlainVariable = { readonly value: string } | { readonly refused: string }

/** The most variables of one repository. */
export const MAX_VARIABLES = 50
const MAX_VALUE = 4096

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/

/** Names that a repository may not set, by what they would steer. They match in upper case, since some tools read both cases. */
const STEERING: readonly (readonly [pattern: RegExp, steers: string])[] = [
  [
    /^(?:PATH|CDPATH|IFS|ENV|BASH.*|SHELL|SHELLOPTS|PS[0-9]|PROMPT_COMMAND|GLOBIGNORE|EXECIGNORE|POSIXLY_CORRECT|PWD|OLDPWD)$/,
    'the shell that runs commands',
  ],
  [
    /^(?:LD_.*|DYLD_.*|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|NLSPATH|MALLOC_.*|RES_OPTIONS|HOSTALIASES|LOCALDOMAIN)$/,
    'how programs are loaded',
  ],
  [
    /^(?:NODE_OPTIONS|NODE_PATH|NODE_REPL_EXTERNAL_MODULE|PYTHON(?:HOME|STARTUP|INSPECT|BREAKPOINT|USERBASE|EXECUTABLE)|PERL5?(?:OPT|DB|LIB)|RUBY(?:OPT|LIB)|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|DOTNET_STARTUP_HOOKS|CORECLR_.*|COR_.*|PHPRC|PHP_INI_SCAN_DIR|NPM_CONFIG_(?:SCRIPT_SHELL|NODE_OPTIONS|PREFIX|USERCONFIG|GLOBALCONFIG))$/,
    'what an interpreter runs first',
  ],
  [/^(?:GIT_.*|SSH_.*|GPG_.*|GH_.*|GITHUB_.*)$/, 'git or GitHub'],
  [
    /^(?:.*_PROXY|PROXY|SSL_CERT_.*|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|NODE_USE_ENV_PROXY|PIP_(?:PROXY|CERT)|CARGO_HTTP_(?:PROXY|CAINFO)|MAVEN_OPTS|GRADLE_OPTS)$/,
    'the way to the network',
  ],
  [/^(?:HOME|USER|LOGNAME|TMPDIR|TMP|TEMP|XDG_.*|BACKSPACE.*|E2B_.*|TAKE_OVER)$/, 'the sandbox'],
]

/**
 * Checks one variable of a settings file. Its value must not be a secret, since people see it.
 *
 * @param value the parsed value from the file.
 */
export function readVariable(name: string, value: unknown): PlainVariable {
  if (!NAME.test(name)) return { refused: 'a name has letters, digits and `_` only, and at most 100 of them' }
  const steers = STEERING.find(([pattern]) => pattern.test(name.toUpperCase()))?.[1]
  if (steers !== undefined)
    return { refused: `it steers ${steers}; set it inside a command if a command needs it` }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    return { refused: 'its value must be text, a number, true or false' }
  }
  const text = String(value)
  if (text.length > MAX_VALUE) return { refused: `its value has more than ${MAX_VALUE} characters` }
  // Line breaks and tabs may be content; other control characters only confuse readers.
  if (/[^\P{Cc}\n\t]/u.test(text)) return { refused: 'its value has control characters' }
  return { value: text }
}
