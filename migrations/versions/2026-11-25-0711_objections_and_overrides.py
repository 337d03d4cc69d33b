"""objections and overrides

Revision ID: objections
Revises: 202611250708
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.base


revision = 'objections'
down_revision = '202611250708'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('objection',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('hub_id', sa.Integer(), nullable=False),
    sa.Column('stage', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('indicator', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ground', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('made_at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('answer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("stage IN ('accuracy', 'appeal')", name=op.f('ck_objection_stage')),
    sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> by_id', name=op.f('ck_objection_somebody_else')),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_objection_by_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_objection_decided_by_id')),
    sa.ForeignKeyConstraint(['hub_id'], ['hub.id'], name=op.f('fk_objection_hub_id')),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_objection_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_objection'))
    )
    with op.batch_alter_table('objection', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_objection_hub_id'), ['hub_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_objection_report_id'), ['report_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_objection_state'), ['state'], unique=False)

    op.create_table('override',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('hub_id', sa.Integer(), nullable=False),
    sa.Column('indicator', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('observation_id', sa.Integer(), nullable=True),
    sa.Column('old_value', sa.Float(), nullable=True),
    sa.Column('new_value', sa.Float(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('objection_id', sa.Integer(), nullable=True),
    sa.Column('proposed_by_id', sa.Integer(), nullable=False),
    sa.Column('proposed_at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('settled_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('answer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_override_reason')),
    sa.CheckConstraint('settled_by_id IS NULL OR settled_by_id <> proposed_by_id', name=op.f('ck_override_second_person')),
    sa.ForeignKeyConstraint(['hub_id'], ['hub.id'], name=op.f('fk_override_hub_id')),
    sa.ForeignKeyConstraint(['objection_id'], ['objection.id'], name=op.f('fk_override_objection_id')),
    sa.ForeignKeyConstraint(['observation_id'], ['observation.id'], name=op.f('fk_override_observation_id')),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['person.id'], name=op.f('fk_override_proposed_by_id')),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_override_report_id')),
    sa.ForeignKeyConstraint(['settled_by_id'], ['person.id'], name=op.f('fk_override_settled_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_override'))
    )
    with op.batch_alter_table('override', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_override_hub_id'), ['hub_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_override_report_id'), ['report_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_override_state'), ['state'], unique=False)

    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.add_column(sa.Column('accuracy_until', models.base.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('revision', sa.Integer(), nullable=False, server_default='1'))



def downgrade() -> None:
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.drop_column('revision')
        batch_op.drop_column('accuracy_until')

    with op.batch_alter_table('override', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_override_state'))
        batch_op.drop_index(batch_op.f('ix_override_report_id'))
        batch_op.drop_index(batch_op.f('ix_override_hub_id'))

    op.drop_table('override')
    with op.batch_alter_table('objection', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_objection_state'))
        batch_op.drop_index(batch_op.f('ix_objection_report_id'))
        batch_op.drop_index(batch_op.f('ix_objection_hub_id'))

    op.drop_table('objection')
