import process from 'node:process';
import { commandAnswer } from '../project/run-command.mjs';

/** The namespace with PodSecurity `restricted`. */
export const NAMESPACE = 'flow';

/** kubectl and Helm against one API server. */
export class ClusterClient {
  #programs;
  #kubeconfig;

  /**
   * @param {{ kubectl: string, helm: string }} programs
   * @param {string} kubeconfig
   */
  constructor(programs, kubeconfig) {
    this.#programs = programs;
    this.#kubeconfig = kubeconfig;
  }

  /**
   * @param {readonly string[]} args
   * @param {string} [input]
   * @returns {Promise<string>} what it printed
   */
  kubectl(args, input) {
    return this.#run('kubectl', ['--namespace', NAMESPACE, ...args], input);
  }

  /** @param {readonly string[]} args */
  helm(...args) {
    return this.#run('helm', [...args, '--namespace', NAMESPACE]);
  }

  /**
   * Validates manifests in a dry run on the server.
   *
   * @param {string} manifests
   * @returns {Promise<string>} rejects also for a warning, such as that a pod would not be admitted
   */
  dryRun(manifests) {
    return this.kubectl(
      ['apply', '--server-side', '--dry-run=server', '--validate=strict', '--filename', '-'],
      manifests,
    );
  }

  /**
   * @param {'kubectl' | 'helm'} program
   * @param {readonly string[]} args
   * @param {string} [input]
   * @returns {Promise<string>}
   */
  async #run(program, args, input = '') {
    const env = { ...process.env, KUBECONFIG: this.#kubeconfig };
    const { code, printed, complaint } = await commandAnswer(this.#programs[program], args, {
      env,
      input,
    });
    if (code === 0 && !/^Warning: /m.test(complaint)) return printed;
    throw new Error(`${program} ${args.join(' ')}: ${complaint.trim()}`);
  }
}
