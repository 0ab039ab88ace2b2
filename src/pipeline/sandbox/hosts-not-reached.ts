/** What package managers, curl and git print when a host cannot be reached; one line each. */
const FAILURE =
  /could not resolve|couldn't resolve|name or service not known|temporary failure in name resolution|enotfound|eai_again|econnreset|econnrefused|etimedout|timed out|connection (?:reset|refused|aborted)|failed to connect|unable to access|unknownhostexception|no such host|tls (?:handshake|connect)|ssl_(?:connect|error)|network socket disconnected|max retries exceeded|failed to (?:download|fetch)|could not (?:get|head|download|fetch)|request to \S+ failed/i
/** Where such a line names the host. */
const NAMES = [
  /https?:\/\/([a-z0-9.-]{3,253})/gi,
  /\bhost='([a-z0-9.-]{3,253})'/gi,
  /\b(?:resolve(?: host)?|ENOTFOUND|EAI_AGAIN|lookup|connect to|UnknownHostException):? ([a-z0-9.-]{3,253})/gi,
]
const MAX_LINES = 400
const MAX_LINE = 1000
const MAX_HOSTS = 20

/**
 * The hosts that a failed command says it could not reach. The text is untrusted, so this is a hint for people only.
 *
 * @returns each once, in lower case.
 */
export function hostsNotReached(output: string): readonly string[] {
  const lines = output
    .slice(-MAX_LINES * MAX_LINE)
    .split('\n')
    .slice(-MAX_LINES)
  const found = lines
    .map((line) => line.slice(0, MAX_LINE))
    .filter((line) => FAILURE.test(line))
    .flatMap((line) => NAMES.flatMap((pattern) => [...line.matchAll(pattern)].map(([, host = '']) => host)))
    .map((host) => host.toLowerCase().replace(/[.-]+$/, ''))
    .filter((host) => /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)*\.[a-z]{2,}$/.test(host))
  return [...new Set(found)].slice(0, MAX_HOSTS)
}
