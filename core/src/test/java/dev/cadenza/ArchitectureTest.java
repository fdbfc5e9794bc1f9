package dev.cadenza;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The package chain and the house rules that a class file shows. */
class ArchitectureTest {
  /** Rises with the code: a rule that sees fewer classes than there are proves nothing. */
  private static final int CLASSES = 170;

  /** From the bottom up: a package may use those to its left. */
  private static final List<String> CHAIN = List.of("shape", "kernel", "op", "tensor");

  private static final Set<String> ABOVE = Set.of("nn", "loss", "optim", "data", "train", "io");

  private static final JavaClasses CLASS_FILES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("/test-classes/"))
          .importPackages("dev.cadenza");

  @Test
  void the_rules_see_all_classes() {
    assertThat(CLASS_FILES).hasSizeGreaterThan(CLASSES);
  }

  @Test
  void every_package_has_its_place() {
    Set<String> found =
        CLASS_FILES.stream()
            .map(c -> c.getPackageName().replace("dev.cadenza.", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(found).containsAll(CHAIN).contains("nn");
    found.removeAll(CHAIN);
    assertThat(ABOVE).containsAll(found);
  }

  static List<String> chain() {
    return CHAIN;
  }

  @ParameterizedTest
  @MethodSource("chain")
  void the_chain_points_one_way(String name) {
    List<String> below = CHAIN.subList(0, CHAIN.indexOf(name) + 1);
    classes()
        .that()
        .resideInAPackage("dev.cadenza." + name)
        .should()
        .onlyDependOnClassesThat(
            JavaClass.Predicates.resideInAnyPackage(
                    below.stream().map(p -> "dev.cadenza." + p).toArray(String[]::new))
                .or(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("dev.cadenza.."))))
        .check(CLASS_FILES);
  }

  @Test
  void packages_have_no_cycles() {
    slices().matching("dev.cadenza.(*)..").should().beFreeOfCycles().check(CLASS_FILES);
  }

  @Test
  void shapes_know_java_alone() {
    classes()
        .that()
        .resideInAPackage("dev.cadenza.shape")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.cadenza.shape", "java..", "org.jspecify..")
        .check(CLASS_FILES);
  }

  @Test
  void only_kernels_know_nd4j() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.cadenza.kernel")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.nd4j..", "org.bytedeco..", "jdk.incubator..")
        .check(CLASS_FILES);
  }

  @Test
  void nobody_uses_the_layers_of_nd4j() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.nd4j.autodiff..", "org.deeplearning4j..")
        .check(CLASS_FILES);
  }

  /** A user without the vector module must be able to load every class that is public. */
  @Test
  void only_hidden_classes_know_the_vector_module() {
    noClasses()
        .that()
        .arePublic()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator..")
        .check(CLASS_FILES);
  }

  static List<ArchRule> habits() {
    return List.of(
        GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS,
        GeneralCodingRules.NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS,
        GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING,
        GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION,
        noClasses().should().callConstructor(Random.class));
  }

  @ParameterizedTest
  @MethodSource("habits")
  void habits_are_kept(ArchRule rule) {
    rule.check(CLASS_FILES);
  }

  /** Ops hold settings, never data or memory of a call. */
  @Test
  void ops_are_records() {
    classes()
        .that()
        .implement("dev.cadenza.op.Op")
        .and()
        .doNotHaveModifier(JavaModifier.ABSTRACT)
        .should()
        .beRecords()
        .check(CLASS_FILES);
  }

  @Test
  void layers_are_final() {
    classes()
        .that()
        .areAssignableTo("dev.cadenza.nn.Layer")
        .and()
        .doNotHaveModifier(JavaModifier.ABSTRACT)
        .should()
        .haveModifier(JavaModifier.FINAL)
        .check(CLASS_FILES);
  }

  @Test
  void every_package_is_null_marked() {
    Set<JavaPackage> packages =
        CLASS_FILES.stream().map(JavaClass::getPackage).collect(Collectors.toSet());
    assertThat(packages).hasSizeGreaterThanOrEqualTo(CHAIN.size() + 1);
    for (JavaPackage p : packages) {
      assertThat(p.isAnnotatedWith(NullMarked.class)).as(p.getName()).isTrue();
    }
  }
}
