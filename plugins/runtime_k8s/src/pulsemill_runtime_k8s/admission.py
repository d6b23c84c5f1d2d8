"""Which functions Kubernetes can run here, in upstream's order and words (KubernetesRuntimeFactory.doAdmissionChecks).

The secrets configurator is asked after that, by the worker.
"""

from collections.abc import Iterator

from pulsemill.config.resources import Resources
from pulsemill.customizer import ManifestCustomizer
from pulsemill.errors import AdmissionError
from pulsemill.functions.python_functions import check_upstream_instance
from pulsemill.java_json import java_double
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.labels import labels_of
from pulsemill_runtime_k8s.manifests import object_place, service_manifest
from pulsemill_runtime_k8s.names import problem_of_job_name
from pulsemill_runtime_k8s.quantities import round_half_up
from pulsemill_runtime_k8s.settings import Settings


def check(details: FunctionDetails, settings: Settings, customizer: ManifestCustomizer | None = None) -> None:
    """Raise AdmissionError with the first reason against a function."""
    if customizer:
        customizer.do_admission_checks(details)
    if not _has_own_python_instance(settings):
        check_upstream_instance(details, _upstream_image(settings))
    namespace, name = object_place(details, settings, customizer)
    problem = problem_of_job_name(name) or next(_resource_problems(details, settings), None)
    if problem:
        raise AdmissionError(problem)
    if customizer:  # it may refuse to change objects as this worker's settings make them
        labels = labels_of(details, settings.custom_labels)
        service = service_manifest({"name": name, "namespace": namespace, "labels": labels}, settings)
        customizer.customize_service(details, service)


def _has_own_python_instance(settings: Settings) -> bool:
    told = settings.own.python_instance
    return told == "pulsemill" or (told == "auto" and "pulsemill" in settings.docker_image("PYTHON"))


def _upstream_image(settings: Settings) -> str:
    image = settings.docker_image("PYTHON")
    return (
        f"the image {image} is taken to have upstream's instance; use one made of deploy/function/Containerfile, and "
        "set functionRuntimeFactoryConfigs.pulsemill.pythonInstance to pulsemill if its name does not tell"
    )


def _resource_problems(details: FunctionDetails, settings: Settings) -> Iterator[str]:
    cpu, ram = details.resources.cpu, details.resources.ram
    if limits := settings.min_resources:
        yield from _too_little(cpu, ram, limits)
    if limits := settings.max_resources:
        yield from _too_much(cpu, ram, limits)
    if granularities := settings.resource_granularities:
        yield from _uneven(cpu, ram, granularities, lock_step=settings.resource_change_in_lock_step)


def _too_little(cpu: float, ram: int, least: Resources) -> Iterator[str]:
    text = "Per instance {} requested, {}, for function is less than the minimum required, {}"
    if cpu < least.cpu:
        yield text.format("CPU", java_double(cpu), java_double(least.cpu))
    if ram < least.ram:
        yield text.format("RAM", ram, least.ram)


def _too_much(cpu: float, ram: int, most: Resources) -> Iterator[str]:
    text = "Per instance {} requested, {}, for function is greater than the maximum required, {}"
    if cpu > most.cpu:
        yield text.format("CPU", java_double(cpu), java_double(most.cpu))
    if ram > most.ram:
        yield text.format("RAM", ram, most.ram)


def _uneven(cpu: float, ram: int, grain: Resources, *, lock_step: bool) -> Iterator[str]:
    text = "Per instance {} requested, {}, for function should be positive and a multiple of the granularity, {}"
    millis, grain_millis = round_half_up(cpu * 1000), round_half_up(grain.cpu * 1000)
    if grain_millis > 0 and (millis == 0 or millis % grain_millis):
        yield text.format("cpu", java_double(cpu), java_double(grain.cpu))
    if grain.ram > 0 and (ram == 0 or ram % grain.ram):
        yield text.format("ram", ram, grain.ram)
    if lock_step and grain_millis > 0 and grain.ram > 0 and millis // grain_millis != ram // grain.ram:
        yield (
            f"Per instance cpu requested, {java_double(cpu)}, ram requested, {ram}, for function should be positive "
            f"and the same multiple of the granularity, cpu, {java_double(grain.cpu)}, ram, {grain.ram}"
        )
