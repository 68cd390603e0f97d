{{- /* Ordinals from here up get the new revision: replicas - ceil(replicas * percent / 100). */ -}}
{{- define "alys-node.partition" -}}
{{- $replicas := int .Values.replicas -}}
{{ sub $replicas (div (add (mul $replicas (int .Values.rollout.percent)) 99) 100) }}
{{- end }}

{{- define "alys-node.terminationGracePeriodSeconds" -}}
{{- $drain := int .Values.timing.drainSeconds -}}
{{- $grace := int .Values.timing.terminationGracePeriodSeconds -}}
{{- if and $grace (le $grace $drain) -}}
{{- fail (printf "timing.terminationGracePeriodSeconds (%d) must be above timing.drainSeconds (%d), or a pod is killed while it drains. Set it to 0: drainSeconds + 30" $grace $drain) -}}
{{- end -}}
{{ $grace | default (add $drain 30) }}
{{- end }}
